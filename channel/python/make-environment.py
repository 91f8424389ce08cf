"""Makes a virtual environment (PEP 405) of packages in the store, at $out.

Run by the interpreter that the environment is for. Reads `settings` (JSON, in that variable or in the file that
`settingsPath` names):

  packages          paths of packages; where two hold the same file, the first wins if that is allowed
  python            the interpreter's prefix; `executable`: its program's name
  ignoreCollisions  whether files with the same name and different content are allowed
  permitUserSite    whether the environment sees the interpreter's own packages and the user's
  prompt            what `activate` shows

or, for the environment within a package that is just built, the variables `own` (that package), `programs` (the directory whose
scripts are to run on the environment), `runtime` (paths of packages, separated by spaces), `interpreter`, `executable`, `prompt`.

What it makes: `pyvenv.cfg`; `bin/python` as a link to the interpreter; every directory of the packages as a real directory,
merged, with links to their files, so that namespace packages work; scripts with the environment's interpreter in their
first line; `activate` for the shells that venv knows.
"""

import json
import os
import re
import stat
import sys

SHEBANG = re.compile(rb"#!\s*(?:\S*/bin/(?:python[0-9.t]*)|\S*/bin/env\s+python[0-9.]*)(?=\s|$)([^\n]*)")
# At the top of a package; the rest of a package's files concern the environment.
NOT_LINKED = {"nix-support", "pyvenv.cfg", ".environment"}
# Read by pip (see amendments/pip.py); the form is the packaging guide's "Externally Managed Environments".
MANAGED = """[externally-managed]
Error=This environment lies in the store, where nothing can be changed.

 To have another package in it, add the package to the list given to
 `withPackages`, and enter the shell again.

 To install with pip all the same, make a virtual environment of your own:

     python -m venv .venv
     .venv/bin/pip install …
"""
EXTENDS = re.compile(rb"pkgutil|pkg_resources")


class Collision(Exception):
    pass


class Tree:
    """What goes into the environment: path in it → the file in the store."""

    def __init__(self, ignore):
        self.ignore = ignore
        self.files = {}
        self.directories = set()

    def add(self, root, below="", skip=frozenset()):
        here = os.path.join(root, below) if below else root
        with os.scandir(here) as entries:
            entries = sorted(entries, key=lambda entry: entry.name)
        for entry in entries:
            if not below and entry.name in skip:
                continue
            path = os.path.join(below, entry.name) if below else entry.name
            if entry.is_dir():
                if path in self.files:
                    self.collide(path, entry.path)
                    continue
                self.directories.add(path)
                self.add(root, path)
            elif path in self.directories:
                self.collide(path, entry.path)
            elif path in self.files:
                if not self.same(path, self.files[path], entry.path):
                    self.collide(path, entry.path)
            else:
                self.files[path] = entry.path

    def same(self, path, one, two):
        if os.path.realpath(one) == os.path.realpath(two) or path.endswith(".pyc"):
            return True  # bytecode goes with its source, and sources are compared
        try:
            with open(one, "rb") as first, open(two, "rb") as second:
                a, b = first.read(), second.read()
        except OSError:
            return False
        if a == b:
            return True
        # Parts of an old-style namespace package carry an __init__ each, of which any will do.
        return path.endswith("/__init__.py") and bool(EXTENDS.search(a)) and bool(EXTENDS.search(b))

    def collide(self, path, other):
        if self.ignore:
            return
        first = self.files.get(path) or next(file for known, file in self.files.items() if known.startswith(path + "/"))
        raise Collision(
            f"collision between `{first}' and `{other}': two packages hold {path} with different content.\n"
            "hint: leave one of them out, or take the first one's: `python.buildEnv.override { extraLibs = …; ignoreCollisions = true; }`"
        )


def link_all(tree, out, program):
    for directory in sorted(tree.directories):
        os.makedirs(os.path.join(out, directory), exist_ok=True)
    made = set()
    for path, source in tree.files.items():
        target = os.path.join(out, path)
        parent = os.path.dirname(target)
        if parent not in made:
            os.makedirs(parent, exist_ok=True)
            made.add(parent)
        if path.startswith("bin/"):
            write_program(source, target, program)
        else:
            os.symlink(source, target)


def write_program(source, target, program):
    """A script gets the environment's interpreter; anything else is linked."""
    real = os.path.realpath(source)
    with open(real, "rb") as file:
        head = file.read(2)
        content = head + file.read() if head == b"#!" else b""
    match = SHEBANG.match(content)
    if not match:
        os.symlink(source, target)
        return
    with open(target, "wb") as file:
        file.write(b"#!" + program.encode() + match[1].rstrip() + content[match.end() :])
    os.chmod(target, 0o755 if os.stat(real).st_mode & stat.S_IXUSR else 0o644)


def write_activation(out, python, executable, prompt):
    """The scripts that venv would write, from this interpreter's own templates."""
    import venv

    # A builder is started under its base name alone, so Python cannot know its place.
    sys.executable = sys._base_executable = os.path.join(python, "bin", executable)
    builder = venv.EnvBuilder(symlinks=True, prompt=prompt)
    context = builder.ensure_directories(out)
    for name, value in {"env_dir": out, "env_name": prompt, "prompt": f"({prompt}) " if sys.version_info < (3, 12) else prompt}.items():
        setattr(context, name, value)
    context.env_exe = context.env_exec_cmd = os.path.join(out, "bin", executable)
    builder.setup_scripts(context)


def main():
    if "own" in os.environ:
        settings = {
            "packages": os.environ["runtime"].split(),
            "python": os.environ["interpreter"],
            "executable": os.environ["executable"],
            "ignoreCollisions": True,
            "permitUserSite": False,
            "prompt": os.environ["prompt"],
        }
    elif "settingsPath" in os.environ:
        with open(os.environ["settingsPath"], encoding="utf-8") as file:
            settings = json.load(file)
    else:
        settings = json.loads(os.environ["settings"])
    out, python, executable = os.environ["out"], settings["python"], settings["executable"]
    program = os.path.join(out, "bin", executable)

    tree = Tree(settings["ignoreCollisions"])
    if "own" in os.environ:
        tree.add(os.environ["own"], skip=NOT_LINKED | {"bin", "libexec"})
    try:
        for package in settings["packages"]:
            tree.add(package, skip=NOT_LINKED)
    except Collision as error:
        sys.exit(f"error: {error}")
    # What a venv does not have of its interpreter: headers, manual pages and the smaller programs. Packages come first.
    own = Tree(True)
    for part in ("include", os.path.join("share", "man"), os.path.join("lib", "pkgconfig")):
        if os.path.isdir(os.path.join(python, part)):
            own.directories.add(part)
            own.add(python, part)
    for name in sorted(os.listdir(os.path.join(python, "bin"))):
        path = os.path.join(python, "bin", name)
        if not re.fullmatch(r"python[0-9.t]*|\..*", name) and os.path.isfile(path):
            own.files["bin/" + name] = path
    for path, source in own.files.items():
        if path not in tree.files and path not in tree.directories:
            tree.files[path] = source
    tree.directories |= {d for d in own.directories if d not in tree.files}
    # Never a package's idea of these.
    names = ["python", "python3", executable]
    for name in names:
        tree.files.pop("bin/" + name, None)

    os.makedirs(os.path.join(out, "bin"))
    os.makedirs(os.path.join(out, "lib", executable, "site-packages"))
    link_all(tree, out, program)
    os.symlink(os.path.join(python, "bin", executable), program)
    for name in names:
        if not os.path.lexists(os.path.join(out, "bin", name)):
            os.symlink(executable, os.path.join(out, "bin", name))
    if not os.path.lexists(os.path.join(out, "lib64")):
        os.symlink("lib", os.path.join(out, "lib64"))
    version = ".".join(map(str, sys.version_info[:3]))
    with open(os.path.join(out, "pyvenv.cfg"), "w", encoding="utf-8") as file:
        file.write(
            f"home = {python}/bin\n"
            f"include-system-site-packages = {'true' if settings['permitUserSite'] else 'false'}\n"
            f"version = {version}\n"
            f"executable = {python}/bin/{executable}\n"
            f"prompt = {settings['prompt']}\n"
        )
    # A shell with the environment has its interpreter behind it on the PATH. uv, poetry and virtualenv take virtual environments
    # for no base to make others from, and would go on to find the machine's Python.
    os.makedirs(os.path.join(out, "nix-support"))
    with open(os.path.join(out, "nix-support", "propagated-build-inputs"), "w", encoding="utf-8") as file:
        file.write(python + "\n")
    with open(os.path.join(out, "lib", executable, "EXTERNALLY-MANAGED"), "w", encoding="utf-8") as file:
        file.write(MANAGED)
    write_activation(out, python, executable, settings["prompt"])
    if "own" in os.environ:
        directory = os.environ["programs"]
        for name in sorted(os.listdir(directory)):
            path = os.path.join(directory, name)
            if os.path.isfile(path) and not os.path.islink(path):
                bind_program(path, program)


def bind_program(path, program):
    """Gives a script in place the environment's interpreter."""
    with open(path, "rb") as file:
        content = file.read()
    match = SHEBANG.match(content)
    if match:
        with open(path, "wb") as file:
            file.write(b"#!" + program.encode() + match[1].rstrip() + content[match.end() :])


main()
