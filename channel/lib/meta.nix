# What packages say of themselves: `meta`, and on which platforms they are available.
{ lib }:
let
  inherit (builtins) isString match;
in
rec {
  addMetaAttrs = attrs: drv:
    if drv ? overrideAttrs then drv.overrideAttrs (old: { meta = (old.meta or { }) // attrs; })
    else drv // { meta = (drv.meta or { }) // attrs; };
  dontDistribute = addMetaAttrs { hydraPlatforms = [ ]; };

  # Names of derivations are part of `nix-env`'s interface alone; the hash stays.
  setName = name: drv: drv // { inherit name; };
  updateName = f: drv: drv // { name = f drv.name; };
  appendToName = suffix: updateName (name:
    let
      parts = builtins.parseDrvName name;
    in
    "${parts.name}-${suffix}${if parts.version == "" then "" else "-" + parts.version}");

  mapDerivationAttrset = f: lib.mapAttrs (_: value: if lib.isDerivation value then f value else value);

  defaultPriority = 5;
  setPrio = priority: addMetaAttrs { inherit priority; };
  lowPrio = setPrio 10;
  lowPrioSet = mapDerivationAttrset lowPrio;
  hiPrio = setPrio (-10);
  hiPrioSet = mapDerivationAttrset hiPrio;

  # Does a platform have a `meta.platforms` element: a system name, or a pattern of its parsed or elaborated form?
  platformMatch = platform: element:
    let
      pattern = if element ? parsed then element else { parsed = element; };
    in
    if isString element then (platform ? system && platform.system == element) || element == platform
    else lib.matchAttrs pattern platform;

  availableOn = platform: pkg:
    (!(pkg ? meta.platforms) || lib.any (platformMatch platform) pkg.meta.platforms)
    && builtins.all (element: !(platformMatch platform element)) (pkg.meta.badPlatforms or [ ]);

  # SPDX identifier -> licence, whatever its case.
  licensesSpdx = lib.mapAttrs' (_: license: lib.nameValuePair license.spdxId license)
    (lib.filterAttrs (_: license: license ? spdxId && !(lib.hasInfix "exception" license.spdxId)) lib.licenses);
  getLicenseFromSpdxIdOr =
    let
      bySpdx = lib.mapAttrs' (id: license: lib.nameValuePair (lib.toLower id) license) licensesSpdx;
    in
    id: default: bySpdx.${lib.toLower id} or default;
  getLicenseFromSpdxId = id:
    getLicenseFromSpdxIdOr id (lib.warn "getLicenseFromSpdxId: No license matches the given SPDX ID: ${id}" { shortName = id; });

  # The path of a package's main program.
  getExe = pkg: getExe' pkg (pkg.meta.mainProgram or (lib.warn
    "getExe: Package ${lib.strings.escapeNixIdentifier pkg.meta.name or pkg.pname or pkg.name} has no meta.mainProgram; its name is taken. Set `meta.mainProgram`, or say the program: lib.getExe' pkg \"name\"."
    (lib.getName pkg)));
  getExe' = pkg: program:
    assert lib.assertMsg (lib.isDerivation pkg)
      "lib.meta.getExe': a ${builtins.typeOf pkg} is given first; it takes a derivation";
    assert lib.assertMsg (isString program)
      "lib.meta.getExe': a ${builtins.typeOf program} is given second; it takes a string";
    assert lib.assertMsg (match ".*/.*" program == null)
      "lib.meta.getExe': \"${program}\" has a `/`; it must be the name of a program";
    "${lib.getBin pkg}/bin/${program}";

  # vendor -> version -> the parts of a CPE name
  cpeFullVersionWithVendor = vendor: version: { inherit vendor version; update = "*"; };
  tryCPEPatchVersionInUpdateWithVendor = vendor: version:
    let
      found = match "([0-9]+\\.[0-9]+)\\.([0-9]+)" version;
    in
    if found == null then { success = false; error = "could not parse version ${version}"; }
    else {
      success = true;
      value = { inherit vendor; version = builtins.elemAt found 0; update = builtins.elemAt found 1; };
    };
  cpePatchVersionInUpdateWithVendor = vendor: version:
    let
      found = tryCPEPatchVersionInUpdateWithVendor vendor version;
    in
    if found.success then found.value else throw found.error;
}
