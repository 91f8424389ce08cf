# Modules -> a configuration.
{ lib }:
let
  inherit (builtins) addErrorContext attrNames filter head isAttrs tail;
  inherit (lib) isOption mkOption optional optionalString setAttrByPath showOption types;
  inherit (lib.options) showDefs;

  # Options that every evaluation has, for its modules to speak to it.
  own = prefix: {
    args = mkOption {
      type = types.lazyAttrsOf types.raw;
      internal = prefix != [ ];
      description = "What modules that are functions are given, besides `lib`, `config`, `options` and `specialArgs`.";
    };
    check = mkOption {
      type = types.bool;
      default = true;
      internal = true;
      description = "Whether a definition of an option that nobody declared is an error.";
    };
    freeformType = mkOption {
      type = types.nullOr types.optionType;
      default = null;
      internal = true;
      description = "The type that definitions without a declared option make up together.";
    };
    specialArgs = mkOption {
      readOnly = true;
      internal = true;
      description = "Arguments given from outside, which no module can change.";
    };
  };

  # Names beside one that does not exist.
  siblings = options: path:
    let
      next = options.${head path} or null;
    in
    if path == [ ] then [ ]
    else if tail path == [ ] then filter (n: n != "_module") (attrNames options)
    else if isAttrs next && !(isOption next) then siblings next (tail path)
    else [ ];

  alternatives = words:
    if tail words == [ ] then head words
    else "${lib.concatStringsSep ", " (lib.init words)} or ${lib.last words}";

  # Does a value hold a declaration of an option?
  declares = v: isOption v || isAttrs v && !(v ? _type) && lib.any declares (lib.attrValues v);
in
{
  /* modules: files, sets, functions. specialArgs: arguments that `imports` may depend on. class: what kind of
     configuration this is. prefix: where its options lie, for messages. Gives { options, config, extendModules,
     type, class, _module }. */
  evalModules = { modules, prefix ? [ ], specialArgs ? { }, class ? null, args ? { }, check ? true }@given:
    let
      # Before `_module` there were arguments for these.
      formerly = optional (given ? args || given ? check) {
        _file = "arguments of evalModules";
        config._module = { inherit args; check = lib.mkDefault check; };
      };
      self = {
        _file = "lib/modules";
        key = "lib/modules";
        options._module = own prefix;
        config._module = { inherit specialArgs; args = { inherit extendModules; moduleType = type; }; };
      };
      moduleArgs = {
        inherit lib options specialArgs;
        config = addErrorContext "while evaluating `config' for a module; `imports' cannot depend on it (use specialArgs, or mkIf around definitions)" config;
        _class = class;
        _prefix = prefix;
      } // specialArgs;

      all = lib.modules.collectModules class (specialArgs.modulesPath or "") (modules ++ formerly ++ [ self ]) moduleArgs;
      merged = lib.modules.mergeModules prefix (lib.reverseList all);
      options = merged.matchedOptions;
      lost = merged.unmatchedDefns;

      declared = lib.mapAttrsRecursiveCond (v: !(isOption v)) (_: v: v.value) options;
      free = declared._module.freeformType;
      freeform = free.merge prefix (map (d: { inherit (d) file; value = setAttrByPath d.prefix d.value; }) lost);
      config = if free == null || lost == [ ] then declared else lib.recursiveUpdate freeform declared;

      complaint =
        let
          def = head lost;
          name = path: "`${showOption (prefix ++ path)}'";
          ranked = lib.sortOn (lib.strings.levenshtein (lib.last def.prefix)) (siblings options def.prefix);
          near = map (n: name (lib.init def.prefix ++ [ n ])) (lib.take 3 ranked);
          misplaced = (builtins.tryEval (declares def.value)).value;
        in
        "The option ${name def.prefix} does not exist. Definition values:${showDefs [ def ]}"
        + (
          if misplaced then "\n\nIt seems as if you're trying to declare an option by placing it into `config' rather than `options'!"
          else if attrNames options == [ "_module" ] then "\n\nNo module declares any options in `${showOption prefix}'."
          else optionalString (near != [ ]) "\n\nDid you mean ${alternatives near}?"
        );
      checked = value:
        if declared._module.check && free == null && lost != [ ] then throw complaint else value;

      extendModules = { modules ? [ ], specialArgs ? { }, prefix ? [ ] }@more:
        lib.evalModules (given // {
          modules = given.modules ++ modules;
          specialArgs = given.specialArgs or { } // specialArgs;
          prefix = more.prefix or given.prefix or [ ];
        });
      type = types.submoduleWith { inherit modules specialArgs class; };
    in
    {
      _type = "configuration";
      inherit class extendModules type;
      options = checked options;
      config = checked (removeAttrs config [ "_module" ]);
      _module = checked config._module;
    };
}
