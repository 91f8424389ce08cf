"""A package that opens libraries by name gets them by path: the store's dynamic linker searches no directory of the machine.

`amendFiles`: modules, relative to site-packages; `amendLibraries`: the directories whose sonames are replaced in them, where
they stand as whole strings. `amendMagic`: the data base of libmagic, for what asks libmagic for its default.
"""

import os
import re

directories = os.environ["amendLibraries"].split(":")


def absolute(match):
    for directory in directories:
        path = os.path.join(directory, match[2])
        if os.path.exists(path):
            found.append(match[2])
            return match[1] + path + match[1]
    return match[0]


for name in os.environ["amendFiles"].split():
    path = os.path.join(site, name)  # noqa: F821
    with open(path, encoding="utf-8") as file:
        text = file.read()
    found = []
    text = re.sub(r"""(['"])(lib[A-Za-z0-9_.+-]+\.so(?:\.[0-9]+)*)\1""", absolute, text)
    if not found:
        raise SystemExit(f"{name} opens none of the libraries given: its amendment must learn how it finds them now")
    if os.environ.get("amendMagic"):
        text = f"import os\nos.environ.setdefault('MAGIC', {os.environ['amendMagic']!r})\n" + text
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
