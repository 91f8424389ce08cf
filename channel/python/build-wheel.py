"""Builds a wheel of the project in the current directory, as PEP 517 says, without a network.

Arguments: the format (`setuptools` may lack a pyproject.toml), and the directory for the wheel. The backend and whatever
it needs must be importable already; what `build-system.requires` names and the environment lacks is said in one message.
"""

import importlib
import importlib.metadata
import os
import re
import sys


def read_project():
    try:
        import tomllib
    except ImportError:
        import tomli as tomllib
    if not os.path.exists("pyproject.toml"):
        return {}
    with open("pyproject.toml", "rb") as file:
        return tomllib.load(file)


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def missing_of(requires):
    """The requirements that no installed distribution answers, by name; ones with markers are not judged."""
    there = {normal(d.metadata["Name"]) for d in importlib.metadata.distributions() if d.metadata["Name"]}
    names = []
    for requirement in requires:
        match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirement)
        if match and ";" not in requirement and normal(match[1]) not in there:
            names.append(match[1])
    return names


def main():
    form, directory = sys.argv[1], os.path.abspath(sys.argv[2])
    system = read_project().get("build-system", {})
    requires = system.get("requires", ["setuptools"])
    backend = system.get("build-backend", "setuptools.build_meta:__legacy__")
    missing = missing_of([*requires, *(["setuptools"] if form == "setuptools" else [])])
    if missing:
        names = " ".join(normal(name) for name in missing)
        sys.exit(
            f"error: the project's build-system.requires name {', '.join(missing)}, which this build does not have\n"
            f"hint: add to the package: build-system = [ {names} ];"
        )
    # The backend must not find this program's directory, but the project's own where it says so.
    sys.path[:] = [path for path in sys.path if os.path.realpath(path or ".") != os.path.dirname(os.path.realpath(__file__))]
    root = os.getcwd()
    for path in reversed(system.get("backend-path", [])):
        full = os.path.realpath(os.path.join(root, path))
        if os.path.commonpath([full, os.path.realpath(root)]) != os.path.realpath(root):
            sys.exit(f"error: backend-path {path!r} leads out of the project")
        sys.path.insert(0, full)
    module, _, attribute = backend.partition(":")
    try:
        hooks = importlib.import_module(module)
    except ImportError as error:
        sys.exit(f"error: the project's build backend {backend} cannot be imported: {error}\nhint: put what provides it into `build-system`")
    for part in attribute.split(".") if attribute else ():
        hooks = getattr(hooks, part)
    sys.argv = ["setup.py"]
    print(f"building a wheel with {backend}", flush=True)
    print("built", hooks.build_wheel(directory, {}, None), flush=True)


main()
