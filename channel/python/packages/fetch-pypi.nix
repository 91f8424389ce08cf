/*
  `fetchPypi`: a file of a project on PyPI by name, version and hash. `format = "wheel"` takes `python`, `abi`, `platform`
  (defaults py2.py3, none, any) and `dist`; anything else is an sdist with `extension`.
*/
{ lib, fetchurl }:
let
  computeUrl =
    {
      format ? "setuptools",
      pname,
      version,
      extension ? "tar.gz",
      dist ? python,
      python ? "py2.py3",
      abi ? "none",
      platform ? "any",
      ...
    }:
    let
      file = if format == "wheel" then "${pname}-${version}-${python}-${abi}-${platform}.whl" else "${pname}-${version}.${extension}";
    in
    "mirror://pypi/${builtins.substring 0 1 pname}/${pname}/${file}";
in
lib.makeOverridable (
  {
    pname,
    version,
    hash ? "",
    sha256 ? "",
    ...
  }@arguments:
  fetchurl (
    { url = computeUrl (removeAttrs arguments [ "hash" "sha256" ]); }
    // (if arguments ? hash then { inherit hash; } else { inherit sha256; })
    // (if arguments ? meta then { inherit (arguments) meta; } else { })
  )
)
// {
  inherit computeUrl;
}
