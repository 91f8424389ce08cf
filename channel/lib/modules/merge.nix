# Declarations and definitions of all modules -> options with values.
{ lib }:
let
  inherit (builtins) addErrorContext all any attrNames concatLists concatMap filter head isAttrs length mapAttrs typeOf;
  inherit (lib) isOption optional optionalAttrs showFiles showOption types zipAttrsWith;
  inherit (lib.options) showDefs;
  inherit (lib.modules) dischargeDefinition filterOverrides' mkOptionDefault notASet pushDownIn pushDownProperties setDefaultModuleLocation sortProperties;

  gather = zipAttrsWith (_: values: values);
  at = loc: "The option `${showOption loc}'";
in
rec {
  # Modules in the form that unifyModuleSyntax gives -> { matchedOptions, unmatchedDefns }
  mergeModules = prefix: modules:
    mergeModules' prefix modules
      (concatMap (m: map (config: { file = m._file; inherit config; }) (pushDownIn m._file prefix m.config)) modules);

  # modules: [ { _file, options } ]; configs: [ { file, config } ]
  mergeModules' = prefix: modules: configs:
    let
      declarationsOf = m:
        if isAttrs m.options then
          mapAttrs (name: options: { inherit (m) _file; inherit options; pos = builtins.unsafeGetAttrPos name m.options; }) m.options
        else
          throw "An option declaration for `${showOption prefix}' has type `${typeOf m.options}' rather than an attribute set: was it meant for `config'?";
      definitionsOf = { file, config }:
        if isAttrs config then mapAttrs (_: value: { inherit file value; }) config else throw (notASet file prefix config);

      declarations = gather (map declarationsOf modules);
      # As they are. Only below a set of options are properties pushed down: what nobody declared need not be a set.
      definitions = gather (map definitionsOf configs);
      below = name: concatMap (d: map (config: { inherit (d) file; inherit config; }) (pushDownProperties d.value)) (definitions.${name} or [ ]);

      results = mapAttrs
        (name: decls:
          let
            loc = prefix ++ [ name ];
            found = lib.partition (isDeclaration loc) decls;
            option = decls: {
              matchedOptions = evalOptionValue loc (fixupOptionType loc (mergeOptionDecls loc decls)) (definitions.${name} or [ ]);
              unmatchedDefns = [ ];
            };
          in
          if found.right == [ ] then mergeModules' loc decls (below name)
          else if found.wrong == [ ] then option decls
          else option (withNested loc found decls))
        declarations;

      lost = lib.mapAttrsToList
        (name: map (d: d // { prefix = [ name ] ++ d.prefix or [ ]; }))
        (removeAttrs definitions (attrNames declarations) // mapAttrs (_: r: r.unmatchedDefns) results);
    in
    {
      matchedOptions = mapAttrs (_: r: r.matchedOptions) results;
      unmatchedDefns = if configs == [ ] then [ ] else concatLists lost;
    };

  # Is it an option, or a set of them? Anything else with a type of its own is a mistake.
  isDeclaration = loc: { _file, options, ... }:
    let
      type = options._type or null;
      hint = lib.optionalString (type == "option-type") " Types go into `mkOption { type = …; }'.";
    in
    type != null && (
      type == "option"
      || throw "In module ${_file}: expected an option declaration at option path `${showOption loc}` but got an attribute set with type ${type}.${hint}"
    );

  # Options beside an option of the same name: they belong into its submodule, if it is one.
  withNested = loc: { right, wrong }: decls:
    let
      takes = d: d.options.type.name or "" == "submodule";
      nest = d:
        if isOption d.options then d
        else d // {
          options = lib.mkOption {
            type = types.submoduleWith { modules = [ { inherit (d) _file options; } ]; shorthandOnlyDefinesConfig = null; };
          };
        };
      firstName = d: if isAttrs d.options && d.options != { } then head (attrNames d.options) else "<name>";
      owner = head right;
    in
    if all takes right then map nest decls
    else throw "${at loc} in module `${owner._file}' would be a parent of the following options, but its type `${owner.options.type.description or "unspecified"}' does not support nested options.\n${
      lib.concatMapStringsSep "\n" (d: "- option(s) with prefix `${showOption (loc ++ [ (firstName d) ])}' in module `${d._file}'") wrong}";

  # One option from all its declarations: each attribute may be given once, types must go together.
  mergeOptionDecls = loc: decls:
    let
      add = sum: { _file, options, pos ? null, ... }:
        let
          twice = filter (name: sum ? ${name} && options ? ${name}) [ "default" "example" "description" "apply" "type" ];
          type = sum.type.typeMerge options.type.functor;
          typed = lib.elem "type" twice;
          inner = options.type.getSubModules or null;
        in
        if lib.remove "type" twice != [ ] || typed && type == null then
          throw "${at loc} in `${_file}' is already declared in ${showFiles sum.declarations}."
        else
          options // sum // optionalAttrs typed { inherit type; } // {
            declarations = sum.declarations ++ [ _file ];
            declarationPositions = sum.declarationPositions
              ++ [ (if pos == null then { file = _file; line = null; column = null; } else pos) ];
            options = lib.optionals (inner != null) (map (setDefaultModuleLocation _file) inner) ++ sum.options;
          };
    in
    lib.foldl' add { inherit loc; declarations = [ ]; declarationPositions = [ ]; options = [ ]; } decls;

  # The type gets the submodules of all declarations.
  fixupOptionType = loc: opt:
    let
      type = opt.type or types.unspecified;
    in
    opt // (
      if type.getSubModules == null then { inherit type; }
      else { type = type.substSubModules opt.options; options = [ ]; }
    );

  # An option -> the same with its value and what is known of its definitions.
  evalOptionValue = loc: opt: defs:
    let
      all' = optional (opt ? default) { file = head (opt.declarations ++ [ lib.options.unknownModule ]); value = mkOptionDefault opt.default; } ++ defs;
      alone = map (def: def // { value = (mergeDefinitions loc opt.type [ def ]).mergedValue; }) all';
      result =
        if opt.readOnly or false && length all' > 1 then
          throw "${at loc} is read-only, but it's set multiple times. Definition values:${showDefs alone}"
        else
          mergeDefinitions loc opt.type all';
      value = (opt.apply or lib.id) result.mergedValue;
      outdated = opt.type.deprecationMessage or null;
      defsFinal = result.defsFinal;
    in
    lib.warnIf (outdated != null) "The type `${opt.type.name}' of the option `${showOption loc}', declared in ${showFiles opt.declarations}, is deprecated. ${toString outdated}"
      opt // {
      value = addErrorContext "while evaluating the option `${showOption loc}':" value;
      inherit (result) isDefined;
      inherit (result.defsFinal') highestPrio;
      definitionsWithLocations = defsFinal;
      definitions = lib.catAttrs "value" defsFinal;
      files = lib.catAttrs "file" defsFinal;
      __toString = _: showOption loc;
    };

  # Properties are resolved, the strongest definitions stay, the type makes one value of them.
  mergeDefinitions = loc: type: defs:
    let
      strongest = filterOverrides' (concatMap dischargeDefinition defs);
      ordered = any (def: def.value._type or "" == "order") strongest.values;
      wrong = filter (def: !(type.check def.value)) result.defsFinal;
      result = {
        defsFinal' = strongest // { values = if ordered then sortProperties strongest.values else strongest.values; };
        defsFinal = result.defsFinal'.values;
        isDefined = result.defsFinal != [ ];
        optionalValue = optionalAttrs result.isDefined { value = result.mergedValue; };
        mergedValue =
          if result.isDefined then
            if wrong == [ ] then type.merge loc result.defsFinal
            else throw "A definition for option `${showOption loc}' is not of type `${type.description}'. Definition values:${showDefs wrong}"
          else type.emptyValue.value
            or (throw "${at loc} was accessed but has no value defined. Try setting the option.");
      };
    in
    result;

  # Each attribute of an `attrsOf` option with the priority of its own definitions: { name = { value, highestPrio }; }
  mergeAttrDefinitionsWithPrio = opt:
    let
      each = def: map (mapAttrs (_: value: def // { inherit value; })) (pushDownProperties def.value);
    in
    mapAttrs
      (name: defs:
        let
          merged = mergeDefinitions (opt.loc ++ [ name ]) opt.type.nestedTypes.elemType defs;
        in
        { value = merged.mergedValue; inherit (merged.defsFinal') highestPrio; })
      (gather (concatMap each opt.definitionsWithLocations));
}
