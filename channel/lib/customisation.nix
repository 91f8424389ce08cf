# Changing packages after they were defined: `override`, `overrideAttrs`, `callPackage` and scopes.
{ lib }:
let
  inherit (builtins) attrNames concatStringsSep filter intersectAttrs isAttrs mapAttrs;

  # "a", "b" or "c"
  alternatives = words:
    let
      quoted = map (w: "\"${w}\"") words;
    in
    if builtins.length quoted < 2 then concatStringsSep "" quoted
    else "${concatStringsSep ", " (lib.init quoted)} or ${lib.last quoted}";

  # What an argument without value is told: where it is asked for, and the nearest names there are.
  missingArgument = f: autoArgs: args: name:
    let
      near = filter (candidate: lib.strings.levenshteinAtMost 2 name candidate) (attrNames (autoArgs // args));
      sorted = lib.sortOn (lib.strings.levenshtein name) near;
      position = builtins.unsafeGetAttrPos name (lib.functionArgs f);
      where = if position == null then "" else " at ${position.file}:${toString position.line}";
      meant = if sorted == [ ] then "" else ", did you mean ${alternatives (lib.take 3 sorted)}?";
    in
    "Function called without required argument \"${name}\"${where}${meant}";

  # The arguments of f without default for which there is no value.
  missingArguments = f: given:
    filter (name: !(given ? ${name})) (attrNames (lib.filterAttrs (_: hasDefault: !hasDefault) (lib.functionArgs f)));

  crossIndexes = [ "buildBuild" "buildHost" "buildTarget" "hostHost" "hostTarget" "targetTarget" ];
  prefixed = prefix: name:
    "${prefix}${lib.toUpper (builtins.substring 0 1 name)}${builtins.substring 1 (-1) name}";
in
rec {
  # derivation -> (old attributes -> changes) -> derivation, on the level of `derivation` itself.
  overrideDerivation = drv: f:
    let
      changed = derivation (drv.drvAttrs // f drv);
    in
    lib.flip (extendDerivation (builtins.seq drv.drvPath true)) changed
      ({ meta = drv.meta or { }; passthru = drv.passthru or { }; } // (drv.passthru or { })
        // lib.optionalAttrs (drv ? __spliced) {
          __spliced = mapAttrs (_: spliced: overrideDerivation spliced f) drv.__spliced;
        });

  # f -> args -> result of f with `override`, which calls f again with other arguments.
  makeOverridable = f:
    let
      mirror = lib.mirrorFunctionArgs f;
      call = mirror (origArgs:
        let
          result = f origArgs;
          newArgs = change: origArgs // (if lib.isFunction change then change origArgs else change);
          override = mirror (change: makeOverridable f (newArgs change));
          overrideResult = g: makeOverridable (mirror (args: g (f args))) origArgs;
        in
        if isAttrs result then
          result // {
            inherit override;
            overrideDerivation = change: overrideResult (x: overrideDerivation x change);
            ${if result ? overrideAttrs then "overrideAttrs" else null} =
              change: overrideResult (x: x.overrideAttrs change);
          }
        else if lib.isFunction result then
          lib.setFunctionArgs result (lib.functionArgs result) // { inherit override; }
        else
          result);
    in
    # A callable set keeps its other attributes, and what its own `override` gives is overridable, too.
    if isAttrs f then
      f // call // lib.optionalAttrs (f ? override) { override = change: makeOverridable (f.override change); }
    else
      call;

  # set -> function or file -> args -> package: what the function asks for and args do not give comes from the set.
  callPackageWith = autoArgs: fn: args:
    let
      f = if lib.isFunction fn then fn else import fn;
      given = intersectAttrs (lib.functionArgs f) autoArgs // args;
      missing = missingArguments f given;
    in
    if missing == [ ] then makeOverridable f given
    else abort "lib.customisation.callPackageWith: ${missingArgument f autoArgs args (builtins.head missing)}";

  # As callPackageWith for functions that give a set of packages, each of which gets `override`.
  callPackagesWith = autoArgs: fn: args:
    let
      f = if lib.isFunction fn then fn else import fn;
      given = intersectAttrs (lib.functionArgs f) autoArgs // args;
      missing = missingArguments f given;
      origArgs = given;
      pkgs = f given;
      mkAttrOverridable = name: _: makeOverridable (lib.mirrorFunctionArgs f (newArgs: (f newArgs).${name})) origArgs;
    in
    if missing != [ ] then
      abort "lib.customisation.callPackagesWith: ${missingArgument f autoArgs args (builtins.head missing)}"
    else if lib.isDerivation pkgs then
      throw "function `callPackages` was called on a *single* derivation \"${pkgs.name or "<unknown-name>"}\"; did you mean to use `callPackage` instead?"
    else
      mapAttrs mkAttrOverridable pkgs;

  # condition -> passthru -> derivation: adds attributes to it and to its outputs, and guards building.
  extendDerivation = condition: passthru: drv:
    let
      outputs = drv.outputs or [ "out" ];
      common = drv // builtins.listToAttrs outputList // { all = map (x: x.value) outputList; } // passthru;
      outputList = map
        (outputName: {
          name = outputName;
          value = common // {
            inherit (drv.${outputName}) type outputName;
            outputSpecified = true;
            drvPath = assert condition; drv.${outputName}.drvPath;
            outPath = assert condition; drv.${outputName}.outPath;
          } // lib.optionalAttrs (passthru ? overrideAttrs) {
            overrideAttrs = change: (passthru.overrideAttrs change).${outputName};
          };
        })
        outputs;
    in
    common // {
      drvPath = assert condition; drv.drvPath;
      outPath = assert condition; drv.outPath;
    };

  # A derivation with nothing but what a build farm needs.
  hydraJob = drv:
    let
      outputs = drv.outputs or [ "out" ];
      common = { inherit (drv) name system meta; inherit outputs; }
        // lib.optionalAttrs (drv._hydraAggregate or false) {
          _hydraAggregate = true;
          constituents = map hydraJob (lib.flatten drv.constituents);
        }
        // builtins.listToAttrs outputList;
      makeOutput = outputName:
        let
          output = drv.${outputName};
        in
        {
          name = outputName;
          value = common // {
            outPath = output.outPath;
            drvPath = output.drvPath;
            type = "derivation";
            inherit outputName;
          };
        };
      outputList = map makeOutput outputs;
    in
    if drv == null then null else builtins.deepSeq common (builtins.head outputList).value;

  # newScope -> (self -> set) -> set whose members are called with one another.
  makeScope = newScope: f:
    let
      # Names are known without values, so asking for one of them does not go round in a circle.
      members = f self;
      self = members // {
        newScope = extra: newScope (self // extra);
        overrideScope = overlay: makeScope newScope (lib.extends overlay f);
        packages = f;
      } // lib.optionalAttrs (!(members ? callPackage)) { callPackage = self.newScope { }; };
    in
    self;

  # As makeScope, for package sets that are spliced for cross compilation.
  makeScopeWithSplicing = splicePackages: newScope: otherSplices: keep: extra: f:
    makeScopeWithSplicing' { inherit splicePackages newScope; } {
      inherit otherSplices keep f;
      extra = if lib.isFunction extra then extra else _: extra;
    };

  makeScopeWithSplicing' = { splicePackages, newScope }: { otherSplices, keep ? _: { }, extra ? _: { }, f }:
    let
      spliced0 = splicePackages {
        pkgsBuildBuild = otherSplices.selfBuildBuild or { };
        pkgsBuildHost = otherSplices.selfBuildHost or { };
        pkgsBuildTarget = otherSplices.selfBuildTarget or { };
        pkgsHostHost = otherSplices.selfHostHost or { };
        pkgsHostTarget = self;
        pkgsTargetTarget = otherSplices.selfTargetTarget or { };
      };
      spliced = extra spliced0 // spliced0 // keep self;
      self = f self // {
        newScope = scope: newScope (spliced // scope);
        callPackage = newScope spliced;
        overrideScope = overlay: makeScopeWithSplicing' { inherit splicePackages newScope; } {
          inherit otherSplices keep extra;
          f = lib.extends overlay f;
        };
        packages = f;
      };
    in
    self;

  # A builder on top of another that takes `{ … }` or `(finalAttrs: { … })`, as buildPythonPackage on mkDerivation.
  extendMkDerivation =
    { constructDrv, excludeDrvArgNames ? [ ], excludeFunctionArgNames ? [ ], extendDrvArgs
    , inheritFunctionArgs ? true, transformDrv ? lib.id }:
    let
      extended = args: final:
        let
          prev = args final;
        in
        removeAttrs prev excludeDrvArgNames // extendDrvArgs final prev;
    in
    lib.setFunctionArgs
      (args: transformDrv (constructDrv (extended (lib.toFunction args))))
      (removeAttrs
        (lib.optionalAttrs inheritFunctionArgs (lib.functionArgs constructDrv) // lib.functionArgs (extendDrvArgs { }))
        excludeFunctionArgNames);

  ## The six pairs of platforms of cross compilation, by name

  # f on each of { buildBuild, buildHost, … }.
  mapCrossIndex = f: index: mapAttrs (_: f) (lib.getAttrs crossIndexes index);
  # { pkgsBuildBuild, … } -> { buildBuild, … }, and back.
  renameCrossIndexFrom = prefix: set: lib.genAttrs crossIndexes (name: set.${prefixed prefix name});
  renameCrossIndexTo = prefix: set:
    builtins.listToAttrs (map (name: { name = prefixed prefix name; value = set.${name}; }) crossIndexes);
}
