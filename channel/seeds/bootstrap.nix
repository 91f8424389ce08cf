/*
  The first derivation: a shell, the file tools and patchelf, able to run in a sandbox that holds nothing else.

  It is started by the seed's own dynamic linker, since no seed can be executed as it is. What it makes serves to
  assemble the real packages and is in no package's closure.
*/
{ system, seeds }:
let
  libraries = [
    "libc6"
    "libtinfo6"
    "libacl1"
    "libattr1"
    "libselinux1"
    "libpcre2-8-0"
    "libstdc++6"
    "libgcc-s1"
    "libgmp10"
  ];
  programs = [
    "bash"
    "coreutils"
    "findutils"
    "grep"
    "sed"
    "patchelf"
  ];
  triplet = "x86_64-linux-gnu";
  libraryPath = builtins.concatStringsSep ":" (
    builtins.concatMap (name: [
      "${seeds.${name}}/lib/${triplet}"
      "${seeds.${name}}/usr/lib/${triplet}"
    ]) libraries
  );
  pick = map (name: seeds.${name});
in
derivation {
  name = "bootstrap-tools";
  inherit system triplet libraryPath;
  builder = "${seeds.libc6}/lib/${triplet}/ld-linux-x86-64.so.2";
  args = [
    "--library-path"
    libraryPath
    "${seeds.bash}/bin/bash"
    ./bootstrap.sh
  ];
  linker = "${seeds.libc6}/lib/${triplet}/ld-linux-x86-64.so.2";
  coreutils = seeds.coreutils;
  sed = seeds.sed;
  patchelf = seeds.patchelf;
  programSeeds = pick programs;
  librarySeeds = pick libraries;
}
