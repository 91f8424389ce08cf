addCMakeParams() { addToSearchPath CMAKE_PREFIX_PATH "$1"; }
addEnvHooks "$targetOffset" addCMakeParams
cmakeConfigurePhase() {
  runHook preConfigure
  : "${cmakeBuildDir:=build}"
  if [[ -z ${dontUseCmakeBuildDir-} ]]; then
    mkdir -p "$cmakeBuildDir"
    cd "$cmakeBuildDir"
    : "${cmakeDir:=..}"
  else
    : "${cmakeDir:=.}"
  fi
  if [[ -z ${dontAddPrefix-} ]]; then prependToVar cmakeFlags "-DCMAKE_INSTALL_PREFIX=$prefix"; fi
  prependToVar cmakeFlags "-DCMAKE_BUILD_TYPE=${cmakeBuildType:-Release}" -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF -DCMAKE_FIND_USE_SYSTEM_PACKAGE_REGISTRY=OFF \
    -DCMAKE_EXPORT_NO_PACKAGE_REGISTRY=ON -DCMAKE_POLICY_DEFAULT_CMP0025=NEW -DBUILD_TESTING=$([[ -n ${doCheck-} ]] && echo ON || echo OFF) \
    "-DCMAKE_INSTALL_BINDIR=${!outputBin}/bin" "-DCMAKE_INSTALL_SBINDIR=${!outputBin}/sbin" "-DCMAKE_INSTALL_INCLUDEDIR=${!outputInclude}/include" \
    "-DCMAKE_INSTALL_MANDIR=${!outputMan}/share/man" "-DCMAKE_INSTALL_LIBDIR=${!outputLib}/lib" "-DCMAKE_INSTALL_LIBEXECDIR=${!outputLib}/libexec" \
    -DCMAKE_SKIP_BUILD_RPATH=OFF -DCMAKE_INSTALL_RPATH_USE_LINK_PATH=ON -DCMAKE_SYSTEM_IGNORE_PATH=/usr/include\;/usr/lib\;/lib
  # Nothing but the inputs is searched.
  prependToVar cmakeFlags -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER
  if [[ -n ${NINJA_STATUS-} || $buildPhase == ninjaBuildPhase ]]; then prependToVar cmakeFlags -GNinja; fi
  local flagsArray=()
  concatTo flagsArray cmakeFlags cmakeFlagsArray
  echoCmd 'cmake flags' "${flagsArray[@]}"
  cmake "$cmakeDir" "${flagsArray[@]}"
  : "${enableParallelBuilding=1}" "${enableParallelInstalling=1}"
  runHook postConfigure
}
if [[ -z ${dontUseCmakeConfigure-} && -z ${configurePhase-} ]]; then
  setOutputFlags=
  configurePhase=cmakeConfigurePhase
fi
