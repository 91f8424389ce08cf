"""Imports the modules of every package, one process a package; writes the report to $out or fails. See check-imports.nix."""

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

PROGRAM = """
import importlib, sys, warnings
warnings.simplefilter("ignore")
for name in sys.argv[1:]:
    importlib.import_module(name)
outside = {line.split(None, 5)[5].strip() for line in open("/proc/self/maps") if ".so" in line and len(line.split(None, 5)) > 5}
outside = sorted(path for path in outside if not path.startswith(("/nix/store/", "/tmp/", "[")))
if outside:
    raise SystemExit("loaded from outside the store: " + ", ".join(outside))
"""


def check(project, modules, python):
    with tempfile.TemporaryDirectory() as home:
        environment = {"HOME": home, "PATH": os.path.dirname(python), "TMPDIR": home, "MPLBACKEND": "Agg", "LANG": "C.UTF-8"}
        environment |= {"SDL_VIDEODRIVER": "dummy", "QT_QPA_PLATFORM": "offscreen", "DJANGO_SETTINGS_MODULE": "django.conf.global_settings"}
        try:
            done = subprocess.run(
                [python, "-c", PROGRAM, *modules], env=environment, cwd=home, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            return project, "no answer in five minutes"
    if done.returncode == 0:
        return project, None
    lines = [line for line in done.stderr.strip().splitlines() if line.strip()] or [f"exit status {done.returncode}"]
    return project, lines[-1][:300]


def main():
    python = os.path.join(os.environ["environment"], "bin", os.environ["executable"])
    with open(os.environ["details"], encoding="utf-8") as file:
        details = json.load(file)
    exceptions = {}
    with open(os.environ["exceptions"], encoding="utf-8") as file:
        for line in file:
            if match := re.match(r"([A-Za-z0-9_./-]+): (.*)", line):
                exceptions[match[1]] = match[2]
    todo = [(name, [m for m in entry["m"] if f"{name}/{m}" not in exceptions]) for name, entry in details.items()]
    cores = int(os.environ.get("NIX_BUILD_CORES") or 0) or os.cpu_count()
    with concurrent.futures.ThreadPoolExecutor(cores) as pool:
        results = list(pool.map(lambda item: check(*item, python), todo))
    failed = {name: error for name, error in results if error}
    for name, error in failed.items():
        known = name in exceptions
        print(f"{'expected' if known else 'FAILED'}: {name}: {error}" + (f" ({exceptions[name]})" if known else ""), flush=True)
    for name in sorted(set(exceptions) & set(details) - set(failed)):
        print(f"note: {name} imports after all; take it out of import-exceptions.txt")
    unknown = set(failed) - set(exceptions)
    summary = f"{len(results) - len(failed)} of {len(results)} packages import, {len(failed) - len(unknown)} known exceptions"
    print(summary)
    if unknown:
        sys.exit(f"{len(unknown)} packages do not import")
    with open(os.environ["out"], "w", encoding="utf-8") as file:
        file.write(summary + "\n" + "".join(f"{name}: {exceptions[name]}\n" for name in sorted(failed)))


main()
