#!/usr/bin/env python3
"""tools/rules.py: checks the C++ sources against tools/rules.toml. Prints file:line, the rule and its reason; exits 1 when there is any.

Files longer than `longest_file` lines are listed, and are no failure: some are long for a reason that they state.
"""
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOKEN = re.compile(
    r'(?P<raw>R"(?P<mark>[^(\s\\]{0,16})\(.*?\)(?P=mark)")|(?P<string>"(?:\\.|[^"\\\n])*")|(?P<char>\'(?:\\.|[^\'\\\n])+\')'
    r'|(?P<line>//[^\n]*)|(?P<block>/\*.*?\*/)',
    re.S,
)


def without(text, comments, strings):
    """The text with comments and string contents blanked, line by line in place."""

    def blank(match):
        part = match.group(0)
        if match.lastgroup in ("line", "block"):
            return part if comments else re.sub(r"[^\n]", " ", part)
        # A digit separator (1'000) is no character literal, but blanking it does no harm here.
        return part if strings else re.sub(r"[^\n\"']", " ", part)

    return TOKEN.sub(blank, text)


def leaking_try(text):
    """Lines where TRY stands behind another member in braces. It returns from inside the initialiser, and GCC then destroys none
    of the members of an aggregate that were made before it: they leak."""
    for match in re.finditer(r"\bTRY\(", text):
        depth, behind = 0, False
        for at in range(match.start() - 1, -1, -1):
            character = text[at]
            if character in ")}]":
                depth += 1
            elif character in "({[" and depth:
                depth -= 1
            elif character == "{" and behind:
                yield text.count("\n", 0, match.start()) + 1
                break
            elif character in "({[" or (character == ";" and not depth):
                break
            elif character == "," and not depth:
                behind = True


def main():
    settings = tomllib.loads((ROOT / "tools/rules.toml").read_text())
    rules = [(rule, re.compile(rule["pattern"], re.I if rule["name"] == "sql" else 0)) for rule in settings["rules"]]
    problems, long_files, files = [], [], 0
    candidates = [file for folder in ("src", "tests") for file in sorted((ROOT / folder).rglob("*"))]
    for file in candidates:
        if file.suffix not in (".h", ".cc") or "node_modules" in file.parts:
            continue
        files += 1
        path = file.relative_to(ROOT).as_posix()
        text = file.read_text()
        length = text.count("\n")
        if length > settings["longest_file"]:
            long_files.append(f"{path}: {length} lines")
        for line in leaking_try(without(text, False, False)):
            problems.append(f"{path}:{line}: try: {leaking_try.__doc__.split('. ', 1)[1]}".replace("\n    ", " "))
        views = {}
        for rule, pattern in rules:
            if path.startswith(tuple(rule["paths"])):
                continue
            key = (rule.get("comments", False), rule.get("strings", False))
            if key not in views:
                views[key] = without(text, *key).split("\n")
            for number, line in enumerate(views[key], 1):
                if pattern.search(line):
                    problems.append(f"{path}:{number}: {rule['name']}: {rule['why']}")
    for note in long_files:
        print(f"long: {note}")
    for problem in problems:
        print(problem)
    print(f"rules: {files} files, {len(problems)} problems, {len(long_files)} longer than {settings['longest_file']} lines")
    return 1 if problems else 0


sys.exit(main())
