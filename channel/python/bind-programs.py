"""Makes $out the package at $package with its programs taken from the environment at $environment."""

import os


def main():
    package, environment, out = os.environ["package"], os.environ["environment"], os.environ["out"]
    os.mkdir(out)
    for entry in sorted(os.listdir(package)):
        if entry != "bin":
            os.symlink(os.path.join(package, entry), os.path.join(out, entry))
            continue
        os.mkdir(os.path.join(out, "bin"))
        for program in sorted(os.listdir(os.path.join(package, "bin"))):
            there = os.path.join(environment, "bin", program)
            if not os.path.lexists(there):
                there = os.path.join(package, "bin", program)
            os.symlink(there, os.path.join(out, "bin", program))


main()
