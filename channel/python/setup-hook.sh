# Puts the modules of packages given beside the interpreter on PYTHONPATH. Interpreters and environments need none.
addPythonPath() {
  if [[ ! -e $1/pyvenv.cfg && ! -e $1/bin/@pythonExecutable@ ]]; then addToSearchPath PYTHONPATH "$1/@pythonSitePackages@"; fi
}
addEnvHooks "$hostOffset" addPythonPath
addEnvHooks "$targetOffset" addPythonPath
