"""pip refuses to install into an environment of the store, and says why, where it would stumble over a read-only file.

pip looks for EXTERNALLY-MANAGED beside the standard library, and nowhere if it runs in a virtual environment. Environments of
the store are virtual environments and hold that file themselves, beside their site-packages. Virtual environments that users
make have none, so everything stays possible there.
"""

import os

path = os.path.join(site, "pip", "_internal", "utils", "misc.py")  # noqa: F821
with open(path, encoding="utf-8") as file:
    text = file.read()
old = """    if running_under_virtualenv():
        return
    marker = os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
"""
new = """    marker = os.path.join(os.path.dirname(sysconfig.get_path("purelib")), "EXTERNALLY-MANAGED")
"""
if old not in text:
    raise SystemExit("this pip looks for EXTERNALLY-MANAGED in another way: amendments/pip.py must learn it")
with open(path, "w", encoding="utf-8") as file:
    file.write(text.replace(old, new))
