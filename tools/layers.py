#!/usr/bin/env python3
"""tools/layers.py: checks every #include under src/ against tools/layers.toml. Prints what to mend; exits 1 when there is any."""
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.M)


def main():
    rules = tomllib.loads((ROOT / "tools/layers.toml").read_text())
    rank = {folder: number for number, folders in enumerate(rules["ranks"]) for folder in folders}
    walls = [(re.compile(wall["header"]), tuple(wall["paths"]), wall["why"]) for wall in rules["walls"]]
    problems, files = [], 0
    for file in sorted((ROOT / "src").rglob("*")):
        if file.suffix not in (".h", ".cc"):
            continue
        files += 1
        path = file.relative_to(ROOT).as_posix()
        folder = path.split("/")[1]
        if folder not in rank:
            problems.append(f"{path}: folder {folder} has no rank in tools/layers.toml")
            continue
        for _, header in INCLUDE.findall(file.read_text()):
            for pattern, allowed, why in walls:
                if pattern.match(header) and not path.startswith(allowed):
                    problems.append(f"{path}: <{header}> belongs in {' or '.join(allowed)} only: {why}")
            target = header.split("/")[0]
            # Tests may use what stands in tests/support, and a folder that is no rank is a third party's.
            if "/" not in header or target not in rank or target == folder:
                continue
            if rank[target] >= rank[folder]:
                relation = "the same rank as" if rank[target] == rank[folder] else "above"
                problems.append(f"{path}: \"{header}\": {target} is {relation} {folder}; move what both share down, or pass an interface")
    for problem in problems:
        print(problem)
    print(f"layers: {files} files, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
