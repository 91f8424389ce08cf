"""The generator of the channel's package index. Run it through `update`, which brings uv and packaging.

It asks uv for one coherent set of versions per Python (PEP 508 requirements of wanted.txt, wheels only, for x86_64 and
aarch64 with glibc 2.36, the channel's), picks of each project the wheel that packaging.tags ranks first, reads that wheel's
METADATA and table of contents through HTTP ranges (never the whole file), and writes for each Python X.Y

  index-X.Y.json     what every evaluation reads, so it is kept small: project -> {
                       v: version, w: [wheel, sha256 in base64], d: [names of the projects it needs at run time],
                       n: 1 when the wheel holds machine code, p: 1 when it brings programs,
                       a: [wheel, sha256] for aarch64 where it is another file, false where there is none,
                       e: names needed on aarch64 where they differ }
                     `wheel` is the file name, or only its tags when the rest is `project_name-version-`.
                     The names in `d` are complete: the dependencies of requested extras (`uvicorn[standard]`) are among
                     them, and markers have been answered.
  details-X.Y.json   what is read on request: project -> { s: [sdist, sha256] (sdist null: `project_name-version.tar.gz`),
                       x: { extra: [names] }, m: modules and packages to import, t: summary, l: licence }
  left-out.txt       what is missing or held back, and why

A file is named by project and file name alone; where it lies is for mirror://pypi/… to find out. Same versions in, same
bytes out: keys are sorted, one project a line.

Deviation: METADATA is read from the x86_64 wheel and taken to hold for the aarch64 wheel of the same version.
"""

from __future__ import annotations

import base64
import concurrent.futures
import hashlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
import urllib.parse
import urllib.request
import zipfile
from email import message_from_string

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

HERE = pathlib.Path(__file__).resolve().parent
GLIBC = (2, 36)
MACHINES = ("x86_64", "aarch64")
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "bruma" / "wheel-contents"


def read_wanted() -> tuple[list[str], dict[str, str]]:
    """The requirements of wanted.txt, and the projects it leaves out on purpose (`! name: reason`)."""
    wanted, refused = [], {}
    for line in (HERE / "wanted.txt").read_text().splitlines():
        line = line.split("  #")[0].strip()
        if line.startswith("!"):
            name, reason = line[1:].split(":", 1)
            refused[canonicalize_name(name.strip())] = reason.strip()
        elif line and not line.startswith("#"):
            wanted.append(str(Requirement(line)))
    return wanted, refused


def marker_environment(python: str, machine: str) -> dict[str, str]:
    environment = dict(default_environment())
    environment.update(
        implementation_name="cpython",
        implementation_version=f"{python}.0",
        os_name="posix",
        platform_machine=machine,
        platform_python_implementation="CPython",
        platform_release="",
        platform_system="Linux",
        platform_version="",
        python_full_version=f"{python}.5",
        python_version=python,
        sys_platform="linux",
    )
    return environment


def tag_ranks(python: str, machine: str) -> dict[Tag, int]:
    """Every tag that the channel's interpreter takes on this machine, best first (PEP 425, PEP 600)."""
    legacy = {(2, 17): "manylinux2014", (2, 12): "manylinux2010", (2, 5): "manylinux1"}
    lowest = 5 if machine == "x86_64" else 17
    platforms = []
    for minor in range(GLIBC[1], lowest - 1, -1):
        platforms.append(f"manylinux_2_{minor}_{machine}")
        if (2, minor) in legacy:
            platforms.append(f"{legacy[2, minor]}_{machine}")
    platforms.append(f"linux_{machine}")
    version = tuple(int(part) for part in python.split("."))
    interpreter = "cp" + "".join(map(str, version))
    tags = [*cpython_tags(version, platforms=platforms), *compatible_tags(version, interpreter, platforms)]
    return {tag: rank for rank, tag in reversed(list(enumerate(tags)))}


def resolve(python: str, wanted: list[str], keep: bool) -> tuple[dict, list[tuple[str, str, str]]]:
    """uv's lock as data, and (name, version, latest) of the wanted projects that the others hold back."""
    environments = [
        "sys_platform == 'linux' and implementation_name == 'cpython'"
        f" and platform_python_implementation == 'CPython' and platform_machine == '{machine}'"
        for machine in MACHINES
    ]
    with tempfile.TemporaryDirectory() as directory:
        project = pathlib.Path(directory)
        (project / "pyproject.toml").write_text(
            "[project]\nname = \"channel-index\"\nversion = \"0\"\n"
            f"requires-python = \"=={python}.*\"\n"
            f"dependencies = {json.dumps(wanted, indent=2)}\n"
            "[tool.uv]\nno-build = true\nprerelease = \"if-necessary\"\nfork-strategy = \"fewest\"\n"
            f"environments = {json.dumps(environments)}\nrequired-environments = {json.dumps(environments)}\n"
        )
        index = HERE / f"index-{python}.json"
        if keep and index.exists():
            kept = [f"{name}=={entry['v']}" for name, entry in json.loads(index.read_text()).items()]
            with (project / "pyproject.toml").open("a") as file:
                file.write(f"constraint-dependencies = {json.dumps(kept)}\n")
        environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
        uv = ["uv", "--directory", directory, "--quiet"]
        done = subprocess.run([*uv, "lock", "--python", python], env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"uv found no coherent set for Python {python}:\n{done.stderr.strip()}")
        lock = tomllib.loads((project / "uv.lock").read_text())
        tree = subprocess.run(
            ["uv", "--directory", directory, "tree", "--outdated", "--frozen", "--depth", "1", "--python", python],
            env=environment, capture_output=True, text=True, check=True,
        ).stdout
    held = re.findall(r"^\S+ ([a-z0-9-]+)(?:\[.*\])? v(\S+).*\(latest: v(\S+)\)", tree, re.M)
    return lock, held


class RangeFile(io.RawIOBase):
    """A file behind HTTP, read where zipfile reads; the last 64 kB come with the first request."""

    def __init__(self, url: str, size: int):
        self.url, self.size, self.position = url, size, 0
        self.blocks: list[tuple[int, bytes]] = []

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.position = offset + (0, self.position, self.size)[whence]
        return self.position

    def tell(self) -> int:
        return self.position

    def read(self, count: int = -1) -> bytes:
        start = self.position
        end = self.size if count is None or count < 0 else min(self.size, start + count)
        if end <= start:
            return b""
        self.position = end
        for base, block in self.blocks:
            if base <= start and end <= base + len(block):
                return block[start - base : end - base]
        first = max(0, self.size - 65536) if not self.blocks else start
        last = self.size if not self.blocks else min(self.size, max(end, start + 16384))
        first = min(first, start)
        request = urllib.request.Request(self.url, headers={"Range": f"bytes={first}-{last - 1}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            block = answer.read()
        if len(block) == self.size and len(block) != last - first:
            first = 0  # the server knows no ranges
        self.blocks.append((first, block))
        return block[start - first : end - first]


def wheel_contents(url: str, size: int, digest: str) -> dict:
    """What the index needs of a wheel: METADATA, the names in it, whether it declares programs. Cached by hash."""
    cached = CACHE / f"{digest}.json"
    if cached.exists():
        return json.loads(cached.read_text())
    for attempt in range(4):
        try:
            with zipfile.ZipFile(RangeFile(url, size)) as archive:
                names = archive.namelist()
                info = next(name.split("/")[0] for name in names if re.fullmatch(r"[^/]+\.dist-info/WHEEL", name))
                entry_points = f"{info}/entry_points.txt"
                contents = {
                    "metadata": archive.read(f"{info}/METADATA").decode("utf-8", "replace"),
                    "entry_points": archive.read(entry_points).decode() if entry_points in names else "",
                    "names": [name for name in names if not name.startswith(f"{info}/")],
                }
            break
        except OSError:
            if attempt == 3:
                raise
    CACHE.mkdir(parents=True, exist_ok=True)
    temporary = cached.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps(contents))
    temporary.replace(cached)
    return contents


MODULE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\.(?:cpython-\d+|abi3)[^/]*)?\.(?:py|so)")


def import_names(names: list[str]) -> list[str]:
    """The modules and packages at the top of a wheel; of a namespace package its members."""
    purelib = [re.sub(r"^[^/]+\.data/(?:purelib|platlib)/", "", name) for name in names]
    purelib = [name for name in purelib if ".data/" not in name.split("/")[0] + "/" and ".dist-info/" not in name]
    files = [tuple(name.split("/")) for name in purelib if not name.endswith("/")]
    found: set[str] = set()

    def visit(prefix: tuple[str, ...]) -> None:
        inside = {file[len(prefix)] for file in files if len(file) > len(prefix) and file[: len(prefix)] == prefix}
        for name in inside:
            path = (*prefix, name)
            module = MODULE.fullmatch(name)
            if path in files:
                if module and not (len(path) == 1 and name == "conftest.py"):
                    found.add(".".join((*prefix, module[1])))
            elif name.isidentifier() and not (not prefix and name in ("tests", "test", "docs", "examples", "benchmarks")):
                own = {file[-1] for file in files if file[:-1] == path}
                if "__init__.py" in own or any(re.match(r"__init__\..*so$", file) for file in own):
                    found.add(".".join(path))
                elif len(path) < 4 and not name.endswith("_libs"):
                    visit(path)

    visit(())
    private = {name for name in found if any(part.startswith("_") for part in name.split("."))}
    return sorted(found - private or found)


def short_licence(metadata) -> str:
    expression = (metadata.get("License-Expression") or "").strip()
    if expression:
        return expression
    classifiers = [c for c in metadata.get_all("Classifier", []) if c.startswith("License ::")]
    named = [c.split(" :: ")[-1] for c in classifiers if c != "License :: OSI Approved"]
    if named:
        return " or ".join(named)
    text = " ".join((metadata.get("License") or "").split())
    return text if len(text) <= 60 else text[:57] + "…"


class Resolution:
    """One Python's set: uv's lock with each project's wheel, requirements and contents."""

    def __init__(self, python: str, lock: dict):
        self.python = python
        packages = [p for p in lock["package"] if "registry" in p["source"]]
        names = [p["name"] for p in packages]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            sys.exit(f"Python {python}: the machines got different versions of {', '.join(twice)}; bound them in wanted.txt")
        self.packages = {p["name"]: p for p in packages}
        self.ranks = {machine: tag_ranks(python, machine) for machine in MACHINES}
        self.environments = {machine: marker_environment(python, machine) for machine in MACHINES}
        self.wheels = {
            name: {machine: self.choose(package, machine) for machine in MACHINES}
            for name, package in self.packages.items()
        }
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            chosen = {n: w["x86_64"] or w["aarch64"] for n, w in self.wheels.items() if w["x86_64"] or w["aarch64"]}
            read = pool.map(lambda w: wheel_contents(w["url"], w["size"], w["hash"].removeprefix("sha256:")), chosen.values())
            self.contents = dict(zip(chosen, read))
        self.metadata = {name: message_from_string(c["metadata"]) for name, c in self.contents.items()}

    def choose(self, package: dict, machine: str) -> dict | None:
        ranks = self.ranks[machine]

        def rank(wheel: dict):
            _, _, build, tags = parse_wheel_filename(file_name(wheel))
            best = min((ranks[tag] for tag in tags if tag in ranks), default=None)
            return None if best is None else (best, tuple(-part if isinstance(part, int) else part for part in build[:1]), file_name(wheel))

        ranked = [(rank(wheel), wheel) for wheel in package.get("wheels", [])]
        return min(((r, w) for r, w in ranked if r is not None), key=lambda pair: pair[0], default=(None, None))[1]

    def requirements(self, name: str, machine: str, extras: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
        """What the wheel's Requires-Dist ask for on this machine when `extras` are wanted."""
        found = []
        for line in self.metadata[name].get_all("Requires-Dist", []):
            try:
                requirement = Requirement(line)
            except InvalidRequirement:
                continue
            marker = requirement.marker
            environment = self.environments[machine]
            if marker is None:
                applies = not extras
            elif extras:
                applies = any(marker.evaluate({**environment, "extra": extra}) for extra in extras) and not marker.evaluate(
                    {**environment, "extra": ""}
                )
            else:
                applies = marker.evaluate({**environment, "extra": ""})
            if applies:
                found.append((canonicalize_name(requirement.name), tuple(sorted(map(canonicalize_name, requirement.extras)))))
        return found

    def needed(self, name: str, machine: str, extras: tuple[str, ...] = ()) -> set[str]:
        """Names of projects needed directly, the dependencies of requested extras among them; may hold names we lack."""
        names: set[str] = set()
        seen: set[tuple[str, tuple[str, ...]]] = set()
        queue = self.requirements(name, machine, extras)
        while queue:
            other, wanted = queue.pop()
            if (other, wanted) in seen:
                continue
            seen.add((other, wanted))
            names.add(other)
            if wanted and other in self.metadata:
                queue.extend(self.requirements(other, machine, wanted))
        return names - {name}


def file_name(file: dict) -> str:
    return urllib.parse.unquote(file["url"].rsplit("/", 1)[-1])


def base64_hash(file: dict) -> str:
    algorithm, digest = file["hash"].split(":")
    assert algorithm == "sha256", file
    return base64.b64encode(bytes.fromhex(digest)).decode()


def short_wheel(name: str, version: str, wheel: dict) -> list[str]:
    full, prefix = file_name(wheel), f"{name.replace('-', '_')}-{version}-"
    return [full.removeprefix(prefix).removesuffix(".whl") if full.startswith(prefix) else full, base64_hash(wheel)]


def entry_of(resolution: Resolution, name: str, missing: list[str]) -> tuple[dict, dict]:
    package, wheels = resolution.packages[name], resolution.wheels[name]
    contents, metadata = resolution.contents[name], resolution.metadata[name]
    version = package["version"]
    x86, arm = wheels["x86_64"], wheels["aarch64"]
    entry: dict = {"v": version}
    if x86:
        entry["w"] = short_wheel(name, version, x86)
    depends = sorted(resolution.needed(name, "x86_64"))
    absent = [other for other in depends if other not in resolution.contents]
    if absent:
        missing.append(f"{name} needs {', '.join(absent)}")
    entry["d"] = [other for other in depends if other not in absent]
    if x86 and not file_name(x86).endswith("-any.whl") or any(n.endswith(".so") for n in contents["names"]):
        entry["n"] = 1
    declared = re.search(r"^\s*\[(console_scripts|gui_scripts)\]\s*\n\s*[^\s\[;#]", contents["entry_points"], re.M)
    if declared or any(re.match(r"[^/]+\.data/scripts/.", n) for n in contents["names"]):
        entry["p"] = 1
    if arm is None:
        entry["a"] = False
    elif arm is not x86:
        entry["a"] = short_wheel(name, version, arm)
    on_arm = sorted(other for other in resolution.needed(name, "aarch64") if other in resolution.contents)
    if on_arm != entry["d"]:
        entry["e"] = on_arm

    # Some summaries name their index in brackets; no registry's address is written in the project.
    summary = re.sub(r"\s*\([a-z]+\.org\)", "", metadata.get("Summary") or "")
    details: dict = {"t": " ".join(summary.split()), "l": short_licence(metadata)}
    details["m"] = import_names(contents["names"])
    if package.get("sdist"):
        sdist = file_name(package["sdist"])
        usual = f"{name.replace('-', '_')}-{version}.tar.gz"
        details["s"] = [None if sdist == usual else sdist, base64_hash(package["sdist"])]
    extras = {}
    for extra in sorted({canonicalize_name(e) for e in metadata.get_all("Provides-Extra", [])}):
        names = resolution.needed(name, "x86_64", (extra,))
        if names and all(other in resolution.contents for other in names):
            extras[extra] = sorted(names)
    if extras:
        details["x"] = extras
    return entry, details


def write_lines(path: pathlib.Path, data: dict) -> None:
    """JSON with one key a line, so that a change of the index can be read in a diff."""
    lines = [f"{json.dumps(k)}:{json.dumps(data[k], separators=(',', ':'), ensure_ascii=False)}" for k in sorted(data)]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main(arguments: list[str]) -> None:
    keep = "--keep" in arguments
    pythons = [a for a in arguments if a != "--keep"] or sorted(
        path.stem.removeprefix("index-") for path in HERE.glob("index-*.json")
    )
    wanted, refused = read_wanted()
    sections: dict[str, str] = {}
    for python in pythons:
        environment = marker_environment(python, "x86_64")
        lock, held = resolve(python, wanted, keep)
        resolution = Resolution(python, lock)
        missing: list[str] = []
        index, details = {}, {}
        for name in resolution.contents:
            index[name], details[name] = entry_of(resolution, name, missing)
        write_lines(HERE / f"index-{python}.json", index)
        write_lines(HERE / f"details-{python}.json", details)
        lines = [f"{n} {v}: the rest of the set does not go with {latest} yet" for n, v, latest in held]
        lines += [f"{name}: no wheel for aarch64" for name in sorted(index) if index[name].get("a") is False]
        lines += [f"{name}: no wheel for x86_64" for name in sorted(index) if "w" not in index[name]]
        for text in wanted:
            requirement = Requirement(text)
            if requirement.marker and not requirement.marker.evaluate(environment):
                lines.append(f"{canonicalize_name(requirement.name)}: not asked for with this Python ({requirement.marker})")
        lines += missing
        sections[python] = "\n".join(sorted(lines))
        print(f"Python {python}: {len(index)} projects, {(HERE / f'index-{python}.json').stat().st_size} bytes")
    report = HERE / "left-out.txt"
    old = re.split(r"^## Python (\S+)\n", report.read_text(), flags=re.M)[1:] if report.exists() else []
    for python, text in zip(old[::2], old[1::2]):
        sections.setdefault(python, text.strip())
    text = "# What the channel's index leaves out or holds back, written by `update`.\n\n## on purpose\n"
    text += "".join(f"{name}: {reason}\n" for name, reason in sorted(refused.items()))
    for python in sorted(sections, key=lambda version: tuple(map(int, version.split("."))), reverse=True):
        text += f"\n## Python {python}\n{sections[python]}\n"
    report.write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
