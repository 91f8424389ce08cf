"""Relaxes, and then checks, what an installed package says it needs at run time.

Arguments: the site-packages directory of the package, and as lists separated by spaces the projects whose version bounds
are to be dropped (`pythonRelaxDeps`; `1` means all) and those to be dropped altogether (`pythonRemoveDeps`), and
`skip` if nothing is to be checked. Names are compared whole and normalised (PEP 503).
"""

import base64
import csv
import hashlib
import importlib.metadata
import os
import sys

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name


def relaxed(lines, relax, remove):
    for line in lines:
        if line.lower().startswith("requires-dist:"):
            try:
                requirement = Requirement(line.split(":", 1)[1].strip())
            except InvalidRequirement:
                yield line
                continue
            name = canonicalize_name(requirement.name)
            if name in remove or remove == {"1"}:
                print(f"removing the dependency {requirement}")
                continue
            if (name in relax or relax == {"1"}) and (requirement.specifier or requirement.url):
                print(f"relaxing the dependency {requirement}")
                extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
                marker = f" ; {requirement.marker}" if requirement.marker else ""
                line = f"Requires-Dist: {requirement.name}{extras}{marker}"
        yield line


def rewrite(info, relax, remove):
    path = os.path.join(info, "METADATA")
    with open(path, encoding="utf-8") as file:
        head, separator, body = file.read().partition("\n\n")
    new = "\n".join(relaxed(head.split("\n"), relax, remove)) + separator + body
    data = new.encode()
    with open(path, "wb") as file:
        file.write(data)
    record = os.path.join(info, "RECORD")
    if os.path.exists(record):
        with open(record, encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        name = f"{os.path.basename(info)}/METADATA"
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows = [[name, f"sha256={digest}", str(len(data))] if row and row[0] == name else row for row in rows]
        with open(record, "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


def main():
    site, relax, remove = sys.argv[1], {*map(str, sys.argv[2].split())}, {*map(str, sys.argv[3].split())}
    skip = sys.argv[4:] == ["skip"]
    relax, remove = ({n if n == "1" else canonicalize_name(n) for n in names} for names in (relax, remove))
    problems = []
    for entry in sorted(os.listdir(site)):
        info = os.path.join(site, entry)
        if not entry.endswith(".dist-info") or not os.path.exists(os.path.join(info, "METADATA")):
            continue
        if relax or remove:
            rewrite(info, relax, remove)
        if skip:
            continue
        own = importlib.metadata.PathDistribution.at(info) if hasattr(importlib.metadata.PathDistribution, "at") else importlib.metadata.Distribution.at(info)
        for text in own.requires or []:
            requirement = Requirement(text)
            if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
                continue
            try:
                version = importlib.metadata.version(requirement.name)
            except importlib.metadata.PackageNotFoundError:
                problems.append((canonicalize_name(requirement.name), f"{requirement.name} is not installed"))
                continue
            if requirement.specifier and not requirement.specifier.contains(version, prereleases=True):
                problems.append((canonicalize_name(requirement.name), f"{requirement} is not satisfied by version {version}"))
    if problems:
        absent = [name for name, text in problems if text.endswith("not installed")]
        other = [name for name, text in problems if name not in absent]
        text = "error: this package's own metadata asks for what its environment does not have:\n"
        text += "".join(f"  - {problem}\n" for _, problem in problems)
        if absent:
            text += f"hint: add to `dependencies`: {' '.join(absent)}; or say that it works without: pythonRemoveDeps = [ {' '.join(map(repr_, absent))} ];\n"
        if other:
            text += f"hint: if the package works all the same: pythonRelaxDeps = [ {' '.join(map(repr_, other))} ];\n"
        sys.exit(text.rstrip())


def repr_(name):
    return f'"{name}"'


main()
