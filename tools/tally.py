#!/usr/bin/env python3
"""tools/tally.py DIR: adds up the test results below DIR and prints "N passed, N failed"; exits 1 when anything failed or nothing ran.

DIR/gtest/*/   GoogleTest's own XML, one file per test binary
DIR/ctest/*.xml  ctest's JUnit: tells of binaries that crashed or timed out before they wrote theirs
DIR/node/*.tap  node --test; a file without its closing numbers counts as one failure
DIR/steps/*     one file per step that is a test of its own: its content is "passed" or "failed", its name is shown
"""
import pathlib
import re
import sys
import xml.etree.ElementTree as xml


def gtest(folder):
    passed, failed, binaries_with_failures, binaries = 0, [], set(), set()
    for file in sorted(folder.glob("gtest/*/*.xml")):
        try:
            root = xml.parse(file).getroot()
        except xml.ParseError:
            continue
        binaries.add(file.stem)
        for case in root.iter("testcase"):
            if case.get("status") == "notrun" or case.get("result") in ("skipped", "suppressed"):
                continue
            if case.find("failure") is not None:
                failed.append(f"{file.stem}: {case.get('classname')}.{case.get('name')}")
                binaries_with_failures.add(file.stem)
            else:
                passed += 1
    return passed, failed, binaries, binaries_with_failures


def ctest(folder, binaries, binaries_with_failures):
    """Tests that ctest saw fail without a GoogleTest report of it, and passing tests that are no GoogleTest binaries."""
    passed, failed = 0, []
    for file in sorted(folder.glob("ctest/*.xml")):
        for case in xml.parse(file).getroot().iter("testcase"):
            name, status = case.get("name"), case.get("status")
            if status == "run" and name not in binaries:
                passed += 1
            elif status == "fail" and name not in binaries_with_failures:
                failed.append(f"{name}: did not finish")
            elif status == "notrun":
                failed.append(f"{name}: was not run")
    return passed, failed


def node(folder):
    passed, failed = 0, []
    for file in sorted(folder.glob("node/*.tap")):
        text = file.read_text(errors="replace")
        numbers = {key: int(value) for key, value in re.findall(r"^# (pass|fail|cancelled) (\d+)$", text, re.M)}
        passed += numbers.get("pass", 0)
        # A suite is "not ok" too when a test in it is; the closing numbers count tests alone.
        names = re.findall(r"^\s*not ok \d+ - (.*)$", text, re.M)
        count = numbers.get("fail", 0) + numbers.get("cancelled", 0)
        if not numbers:
            failed.append(f"{file.stem}: did not finish")
        elif count:
            failed += [f"{file.stem}: {name}" for name in names[:count]] + [f"{file.stem}: ?"] * max(0, count - len(names))
    return passed, failed


def steps(folder):
    passed, failed = 0, []
    for file in sorted(folder.glob("steps/*")):
        if file.read_text().strip() == "passed":
            passed += 1
        else:
            failed.append(file.name)
    return passed, failed


def main():
    folder = pathlib.Path(sys.argv[1])
    passed, failed, binaries, with_failures = gtest(folder)
    for more_passed, more_failed in (ctest(folder, binaries, with_failures), node(folder), steps(folder)):
        passed += more_passed
        failed += more_failed
    for name in failed:
        print(f"failed: {name}")
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed or not passed else 0


sys.exit(main())
