"""Unpacks one wheel into $out as PEP 427 says, with nothing but Python's standard library.

Run by the interpreter that the package is for. Reads these variables:

  interpreter       the interpreter's path: a builder is started under its base name alone, and cannot know its place
  wheel             the wheel
  out               the directory to make (it may exist, but holds none of the wheel's files)
  libraries         library directories, separated by colons, that may satisfy what machine code needs
  manylinux         sonames, separated by spaces, that the manylinux policies promise a wheel (optional)
  patchelf          the program, for wheels with machine code
  amend             a program that changes the unpacked files; it finds their directory in `site` (optional)
  NIX_BUILD_CORES   how many files are handled at a time

What differs from pip:
  - a wheel that would write outside its places, names a file twice, holds links, or declares programs that are no plain
    names or call anything but `module:attribute`, is refused; and so is one whose files do not match its RECORD;
  - ELF files get the directories of the libraries they need appended to their RPATH, after `$ORIGIN` and whatever
    else stands there, and programs get the interpreter's own dynamic linker; nothing is stripped. A file that needs
    nothing beyond what the interpreter has loaded stays as it is;
  - directories `test` and `tests` at the top of site-packages are left out: every second project ships one;
  - bytecode is compiled here, once, of the unchecked-hash kind (PEP 552), since nothing can write it later and neither
    source nor bytecode changes in the store; test directories have none. The bytes depend on nothing but the wheel and
    the interpreter: fixed portions of sorted files go each to a fresh process.
"""

import base64
import concurrent.futures
import configparser
import csv
import hashlib
import io
import os
import posixpath
import re
import runpy
import shutil
import stat
import struct
import subprocess
import sys
import sysconfig
import threading
import zipfile

CORES = max(1, int(os.environ.get("NIX_BUILD_CORES") or 0) or os.cpu_count() or 1)
PORTION = 48
TESTS = ("test", "tests")


class WheelError(Exception):
    pass


def compile_portion(listing):
    """Worker: compiles the files listed on standard input, one a line, in that order."""
    import py_compile
    import warnings

    warnings.simplefilter("ignore")
    for path in listing.read().splitlines():
        try:
            py_compile.compile(path, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        except (py_compile.PyCompileError, SyntaxError, ValueError, UnicodeError, RecursionError):
            pass  # templates and files for other Pythons: the error shows when somebody imports them


# Names ----------------------------------------------------------------------------------------------------------------


def checked_name(name):
    """A member's name, if it stays inside; as a tuple of its parts."""
    parts = name.rstrip("/").split("/")
    if (
        not name
        or name.startswith("/")
        or "\\" in name
        or "\0" in name
        or any(part in ("", ".", "..") for part in parts)
        or re.match(r"[A-Za-z]:", name)
    ):
        raise WheelError(f"it holds a file with the name {name!r}, which does not stay inside")
    return tuple(parts)


class Wheel:
    """The table of contents of a wheel, checked."""

    def __init__(self, path):
        self.path = path
        self.archive = zipfile.ZipFile(path)
        self.members = {}
        for info in self.archive.infolist():
            parts = checked_name(info.filename)
            kind = stat.S_IFMT(info.external_attr >> 16)
            if info.is_dir():
                continue
            if kind not in (0, stat.S_IFREG):
                raise WheelError(f"{info.filename} is neither a file nor a directory")
            if parts in self.members:
                raise WheelError(f"{info.filename} is in it twice")
            self.members[parts] = info
        for parts in self.members:
            for end in range(1, len(parts)):
                if parts[:end] in self.members:
                    raise WheelError(f"{'/'.join(parts[:end])} is a file and a directory in it")
        infos = sorted({parts[0] for parts in self.members if parts[0].endswith(".dist-info") and len(parts) > 1})
        name = re.sub(r"^[0-9a-z]{32}-", "", posixpath.basename(path)).split("-")[0]
        if len(infos) > 1:
            infos = [info for info in infos if normal(info.split("-")[0]) == normal(name)]
        if len(infos) != 1:
            raise WheelError("it has no single .dist-info directory")
        self.info = infos[0]
        self.data = self.info.removesuffix(".dist-info") + ".data"
        fields = dict(re.findall(r"^([A-Za-z-]+):\s*(.*?)\s*$", self.text("WHEEL"), re.M))
        if fields.get("Wheel-Version", "").split(".")[0] != "1":
            raise WheelError(f"its Wheel-Version is {fields.get('Wheel-Version')!r}, and this program knows 1")
        self.record = {}
        for row in csv.reader(io.StringIO(self.text("RECORD"))):
            if row:
                self.record[checked_name(row[0].lstrip("/"))] = row[1] if len(row) > 1 else ""

    def text(self, name):
        try:
            return self.archive.read(f"{self.info}/{name}").decode("utf-8")
        except KeyError:
            raise WheelError(f"it has no {self.info}/{name}") from None

    def has(self, name):
        return (self.info, name) in self.members


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


# Programs -------------------------------------------------------------------------------------------------------------

PROGRAM = re.compile(r"[A-Za-z0-9_.@+-]+")
REFERENCE = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*:\s*(?P<attribute>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*(?:\[[^\]]*\])?")


def entry_points(text):
    """Name → text of the script, for console_scripts and gui_scripts. Raises for anything but plain names and references."""
    parser = configparser.ConfigParser(delimiters=("=",), strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string(text)
    scripts = {}
    for section in ("console_scripts", "gui_scripts"):
        for name, reference in parser.items(section) if parser.has_section(section) else ():
            match = REFERENCE.fullmatch(reference.strip())
            if not PROGRAM.fullmatch(name) or name in (".", ".."):
                raise WheelError(f"it declares a program with the name {name!r}")
            if not match:
                raise WheelError(f"its program {name} is {reference!r}, which is no `module:attribute`")
            first = match["attribute"].split(".")[0]
            scripts[name] = (
                f"#!{sys.executable}\nimport sys\nfrom {match['module']} import {first}\n"
                f"if __name__ == '__main__':\n    sys.exit({match['attribute']}())\n"
            )
    return scripts


# ELF ------------------------------------------------------------------------------------------------------------------


class Elf:
    """What the dynamic section of a 64-bit little-endian ELF file says; None-like (`ok` false) for anything else."""

    def __init__(self, path):
        self.ok, self.needed, self.rpath, self.old_rpath, self.interpreter, self.soname = False, [], "", False, None, None
        with open(path, "rb") as file:
            head = file.read(64)
            if len(head) < 64 or head[:6] != b"\x7fELF\x02\x01":
                return
            kind, offset, size, count = *struct.unpack_from("<H", head, 16), struct.unpack_from("<Q", head, 32)[0], *struct.unpack_from("<HH", head, 54)
            if kind not in (2, 3):
                return
            file.seek(offset)
            table = file.read(size * count)
            segments = [struct.unpack_from("<IIQQQQQQ", table, i * size) for i in range(count)] if size >= 56 else []
            loads = [s for s in segments if s[0] == 1]
            for s in segments:
                if s[0] == 3:
                    file.seek(s[2])
                    self.interpreter = file.read(s[5]).rstrip(b"\0").decode()
            dynamic = next((s for s in segments if s[0] == 2), None)
            if dynamic is None:
                return
            file.seek(dynamic[2])
            raw = file.read(dynamic[5])
            entries = [struct.unpack_from("<qQ", raw, i) for i in range(0, len(raw) - 15, 16)]
            values = dict(reversed(entries))
            address = values.get(5, 0)
            base = next((s[2] + address - s[3] for s in loads if s[3] <= address < s[3] + s[5]), None)
            if base is None:
                return
            file.seek(base)
            strings = file.read(values.get(10, 0))

            def string(index):
                return strings[index : strings.index(b"\0", index)].decode("utf-8", "surrogateescape")

            for tag, value in entries:
                if tag == 0:
                    break
                if tag == 1:
                    self.needed.append(string(value))
                elif tag == 14:
                    self.soname = string(value)
                elif tag in (15, 29):
                    self.rpath, self.old_rpath = string(value), tag == 15
            self.ok = True


class Libraries:
    """Where sonames are found, and what the interpreter has loaded anyway."""

    def __init__(self, directories, promised):
        self.directories = directories
        self.promised = promised
        self.where = {}
        own = Elf(os.path.realpath(sys.executable))
        self.linker = own.interpreter
        self.loaded = {*own.needed, "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
        if self.linker:
            directories = [*directories, posixpath.dirname(self.linker)]
        for directory in directories:
            if os.path.isdir(directory):
                for name in sorted(os.listdir(directory)):
                    if ".so" in name:
                        self.where.setdefault(name, directory)


def patch_elf(path, shown, inside, libraries, patchelf):
    """Appends to the file's RPATH what it needs of `libraries`; says what stays unknown."""
    elf = Elf(path)
    if not elf.ok:
        return None
    program = elf.interpreter is not None
    wanted, unknown = [], []
    for soname in elf.needed:
        if soname in inside or (soname in libraries.loaded and not program):
            continue
        directory = libraries.where.get(soname)
        if directory is None:
            if soname in libraries.promised:
                raise WheelError(
                    f"{shown} needs {soname}, which every manylinux machine has, but which is not among this package's libraries"
                )
            unknown.append(soname)
        elif directory not in wanted:
            wanted.append(directory)
    arguments = []
    if wanted:
        arguments += ["--set-rpath", ":".join([part for part in [elf.rpath, *wanted] if part])]
        # A RUNPATH would hide from this file what those that load it say (DT_RPATH, as auditwheel writes it).
        if elf.old_rpath or not elf.rpath:
            arguments.insert(0, "--force-rpath")
    if program and libraries.linker and not elf.interpreter.startswith(os.environ.get("NIX_STORE", "/nix/store") + "/"):
        arguments += ["--set-interpreter", libraries.linker]
    if arguments:
        if not patchelf:
            raise WheelError(f"{shown} needs a library of the store, and no patchelf was given")
        mode = os.stat(path).st_mode
        os.chmod(path, mode | 0o200)
        subprocess.run([patchelf, *arguments, path], check=True)
    return unknown


# Installing -----------------------------------------------------------------------------------------------------------


def digest_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return recorded_digest(digest)


def recorded_digest(digest):
    """A hash as RECORD writes it."""
    return "sha256=" + base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()


def copy_member(wheel_path, info, target):
    """Writes one member; returns the hash of what was in the wheel, as RECORD writes it."""
    digest = hashlib.sha256()
    os.makedirs(posixpath.dirname(target), exist_ok=True)
    with archive_of(wheel_path).open(info) as source:
        with open(target, "xb") as file:
            while chunk := source.read(1 << 20):
                digest.update(chunk)
                file.write(chunk)
    if (info.external_attr >> 16) & 0o111:
        os.chmod(target, 0o755)
    return recorded_digest(digest)


_thread = threading.local()


def archive_of(path):
    """The archive, opened once a thread: a ZipFile's members share one position."""
    if getattr(_thread, "path", None) != path:
        _thread.path, _thread.archive = path, zipfile.ZipFile(path)
    return _thread.archive


def install(wheel_path, out, libraries, patchelf):
    wheel = Wheel(wheel_path)
    site = posixpath.join(out, "lib", f"python{sysconfig.get_python_version()}", "site-packages")
    places = {
        "purelib": site,
        "platlib": site,
        "scripts": posixpath.join(out, "bin"),
        "headers": posixpath.join(out, "include", f"python{sysconfig.get_python_version()}", wheel.info.split("-")[0]),
        "data": out,
    }
    top = {parts[0] for parts in wheel.members if parts[0] not in (wheel.info, wheel.data)}
    dropped = {name for name in TESTS if name in top and len(top - set(TESTS)) > 0}

    plan = {}  # member → target
    for parts in wheel.members:
        if parts[0] == wheel.data:
            if len(parts) < 3 or parts[1] not in places:
                raise WheelError(f"{'/'.join(parts)} is of no kind that a wheel may hold")
            target = posixpath.join(places[parts[1]], *parts[2:])
        elif parts[0] in dropped:
            continue
        elif parts == (wheel.info, "RECORD") or parts in ((wheel.info, "RECORD.jws"), (wheel.info, "RECORD.p7s")):
            continue
        else:
            target = posixpath.join(site, *parts)
        plan[parts] = target
    if len(set(plan.values())) != len(plan):
        raise WheelError("two of its files would lie in the same place")

    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        digests = dict(zip(plan, pool.map(lambda item: copy_member(wheel_path, wheel.members[item[0]], item[1]), plan.items())))
    for parts, digest in digests.items():
        recorded = wheel.record.get(parts, "")
        if recorded.startswith("sha256=") and recorded != digest:
            raise WheelError(f"{'/'.join(parts)} does not match its hash in RECORD")

    changed = set()
    for parts, target in plan.items():
        if parts[0] == wheel.data and parts[1] == "scripts":
            with open(target, "rb") as file:
                content = file.read()
            if content.startswith(b"#!python"):
                _, _, rest = content.partition(b"\n")
                with open(target, "wb") as file:
                    file.write(f"#!{sys.executable}\n".encode() + rest)
                changed.add(target)
            os.chmod(target, 0o755)
    written = []
    if wheel.has("entry_points.txt"):
        for name, text in sorted(entry_points(wheel.text("entry_points.txt")).items()):
            target = posixpath.join(out, "bin", name)
            os.makedirs(posixpath.dirname(target), exist_ok=True)
            with open(target, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(target, 0o755)
            if target not in plan.values():
                written.append(target)

    if os.environ.get("amend"):
        runpy.run_path(os.environ["amend"], {"site": site})
        changed.update(t for parts, t in plan.items() if parts[0] != wheel.data and digest_of(t) != digests[parts])

    candidates = [t for t in plan.values() if ".so" in posixpath.basename(t) or os.stat(t).st_mode & 0o100 or "/bin/" in t]
    elves = [target for target in candidates if Elf(target).ok]
    inside = {posixpath.basename(target) for target in elves} | {Elf(target).soname for target in elves}
    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        before = list(pool.map(lambda t: (os.stat(t).st_mtime_ns, os.stat(t).st_size), elves))
        results = list(pool.map(lambda t: patch_elf(t, posixpath.relpath(t, out), inside, libraries, patchelf), elves))
    for target, stamp, unknown in zip(elves, before, results):
        if (os.stat(target).st_mtime_ns, os.stat(target).st_size) != stamp:
            changed.add(target)
        if unknown:
            print(f"{posixpath.relpath(target, out)}: {', '.join(unknown)} must come from another package or the machine")

    info = posixpath.join(site, wheel.info)
    with open(posixpath.join(info, "INSTALLER"), "w", encoding="utf-8") as file:
        file.write("bruma\n")
    compiled = compile_all(sorted(t for t in plan.values() if t.startswith(site + "/") and t.endswith(".py")), site)

    rows = []
    for parts, target in plan.items():
        if target == posixpath.join(info, "INSTALLER"):
            continue
        digest = digest_of(target) if target in changed else digests[parts]
        rows.append((posixpath.relpath(target, site), digest, str(os.stat(target).st_size)))
    for target in [*written, posixpath.join(info, "INSTALLER")]:
        rows.append((posixpath.relpath(target, site), digest_of(target), str(os.stat(target).st_size)))
    rows += [(posixpath.relpath(target, site), "", "") for target in compiled]
    rows.append((posixpath.relpath(posixpath.join(info, "RECORD"), site), "", ""))
    with open(posixpath.join(info, "RECORD"), "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(sorted(rows))


def compile_all(files, site):
    """Bytecode beside each source but tests'; returns the files made."""
    files = [f for f in files if not any(part in TESTS for part in f[len(site) + 1 :].split("/")[:-1])]
    portions = [files[i : i + PORTION] for i in range(0, len(files), PORTION)]
    environment = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}

    def work(portion):
        command = [sys.executable, "-S", "-s", os.path.abspath(__file__), "--compile"]
        subprocess.run(command, input="\n".join(portion), text=True, env=environment, check=True, cwd="/")

    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        list(pool.map(work, portions))
    import importlib.util

    made = (importlib.util.cache_from_source(file) for file in files)
    return [file for file in made if os.path.exists(file)]


def main():
    if sys.argv[1:] == ["--compile"]:
        compile_portion(sys.stdin)
        return
    sys.executable = os.environ.get("interpreter") or sys.executable
    wheel, out = os.environ["wheel"], os.environ["out"]
    directories = [d for d in os.environ.get("libraries", "").split(":") if d]
    try:
        libraries = Libraries(directories, set(os.environ.get("manylinux", "").split()))
        install(wheel, out, libraries, os.environ.get("patchelf"))
    except (WheelError, zipfile.BadZipFile) as error:
        shutil.rmtree(out, ignore_errors=True)
        sys.exit(f"{posixpath.basename(wheel)} is refused: {error}")


if __name__ == "__main__":
    main()
