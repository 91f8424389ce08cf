# Modules: sets of options and definitions that are merged into one configuration.
#
# A module is a file, a set or a function of the module arguments. Evaluating collects all that are imported, groups
# declarations and definitions by option, and merges each option's definitions by its type. Properties (`mkIf`,
# `mkMerge`, `mkOverride`, `mkOrder`) stand for definitions until then. nixpkgs' manual, "Module system".
{ lib }:
let
  inherit (builtins)
    addErrorContext all any attrNames concatLists concatMap elem filter foldl' genericClosure head isAttrs isBool
    isList isPath isString length mapAttrs seq tail typeOf unsafeGetAttrPos;
  inherit (lib)
    attrByPath concatMapStringsSep concatStringsSep isFunction isOption mkOption optional optionalAttrs
    optionalString recursiveUpdate reverseList setAttrByPath showFiles showOption types zipAttrsWith;
  inherit (lib.options) showDefs unknownModule;

  # Is it loaded from a file, rather than the module itself?
  isFileLike = m: isPath m || isString m || (isAttrs m && m ? outPath && !(m ? options || m ? config || m ? imports));

in
rec {
  ## Evaluation

  /* modules: files, sets, functions. specialArgs: arguments that `imports` may depend on. class: what kind of
     configuration this is; modules that say another are refused. Gives { options, config, extendModules, type,
     class, _module }. */
  evalModules =
    { modules, prefix ? [ ], specialArgs ? { }, class ? null, args ? { }, check ? true }@evalArgs:
    let
      regularModules = modules ++ legacyModules;
      legacyModules = optional (evalArgs ? args || evalArgs ? check) {
        _file = "lib/modules.nix (arguments of evalModules)";
        config._module.args = args;
        config._module.check = lib.mkDefault check;
      };

      internalModule = {
        _file = "lib/modules.nix";
        key = "lib/modules.nix";
        options._module = {
          args = mkOption {
            type = types.lazyAttrsOf types.raw;
            internal = prefix != [ ];
            description = "Additional arguments passed to each module, in addition to `lib`, `config`, `options` and `specialArgs`.";
          };
          check = mkOption {
            type = types.bool;
            internal = true;
            default = true;
            description = "Whether to check whether all option definitions have matching declarations.";
          };
          freeformType = mkOption {
            type = types.nullOr types.optionType;
            internal = true;
            default = null;
            description = "If set, merge all definitions that don't have an associated option together using this type.";
          };
          specialArgs = mkOption {
            readOnly = true;
            internal = true;
            description = "Externally provided module arguments that can't be modified from within a configuration.";
          };
        };
        config._module = {
          args = { inherit extendModules; moduleType = type; };
          inherit specialArgs;
        };
      };

      merged = mergeModules prefix (reverseList (collectModules class (specialArgs.modulesPath or "")
        (regularModules ++ [ internalModule ])
        ({
          inherit lib options specialArgs;
          _class = class;
          _prefix = prefix;
          config = addErrorContext
            "if you get an infinite recursion here, you probably reference `config` in `imports`. If you are trying to achieve a conditional import behavior dependent on `config`, consider importing unconditionally, and using `mkEnableOption` and `mkIf` to control its effect."
            config;
        } // specialArgs)));

      options = merged.matchedOptions;
      declared = lib.mapAttrsRecursiveCond (v: !isOption v) (_: v: v.value) options;
      freeformType = declared._module.freeformType;

      config =
        let
          undeclared = map (def: { inherit (def) file; value = setAttrByPath def.prefix def.value; }) merged.unmatchedDefns;
          freeform = if undeclared == [ ] then { } else freeformType.merge prefix undeclared;
        in
        if freeformType == null then declared else recursiveUpdate freeform declared;

      checkUnmatched =
        if !(declared._module.check && freeformType == null && merged.unmatchedDefns != [ ]) then null
        else
          let
            first = head merged.unmatchedDefns;
            name = showOption (prefix ++ first.prefix);
            message = "The option `${name}' does not exist. Definition values:${
              showDefs [ { inherit (first) file; value = setAttrByPath [ ] first.value; } ]}";
            siblings = siblingNames options first.prefix;
            near =
              let
                wanted = lib.last first.prefix;
                ranked = lib.sortOn (lib.strings.levenshtein wanted) (filter (n: n != "_module") siblings);
              in
              lib.take 3 ranked;
            declaration = v: isAttrs v && (isOption v || any declaration (builtins.attrValues (removeAttrs v [ "_type" ])));
            misplaced = (builtins.tryEval (declaration first.value)).value;
            missingFrom =
              if misplaced then
                "\n\nIt seems as if you're trying to declare an option by placing it into `config' rather than `options'!"
              else if attrNames options == [ "_module" ] then
                # There are no options at all here: something is wrong with where the module was put.
                "\n\nHowever there are no options defined in `${showOption prefix}'. Are you sure you've\ndeclared your options properly? This can happen if you e.g. declared your options in `types.submodule'\nunder `config' rather than `options'."
              else
                optionalString (near != [ ])
                  "\n\nDid you mean ${alternatives (map (n: "`${showOption (prefix ++ lib.init first.prefix ++ [ n ])}'") near)}?";
            alternatives = words:
              if length words == 1 then head words
              else "${concatStringsSep ", " (lib.init words)} or ${lib.last words}";
          in
          throw "${message}${missingFrom}";
      checked = seq checkUnmatched;

      extendModules = { modules ? [ ], specialArgs ? { }, prefix ? [ ] }@extendArgs:
        evalModules (evalArgs // {
          inherit class;
          modules = regularModules ++ modules;
          specialArgs = evalArgs.specialArgs or { } // specialArgs;
          prefix = extendArgs.prefix or evalArgs.prefix or [ ];
        });
      type = types.submoduleWith { inherit modules specialArgs class; };
    in
    {
      _type = "configuration";
      options = checked options;
      config = checked (removeAttrs config [ "_module" ]);
      _module = checked config._module;
      inherit extendModules type class;
    };

  # What options there are beside one that does not exist.
  siblingNames = options: path:
    if path == [ ] then [ ]
    else if length path == 1 then attrNames options
    else
      let
        next = options.${head path} or null;
      in
      if isAttrs next && !(isOption next) then siblingNames next (tail path) else [ ];

  ## Collecting modules

  /* All modules that are reached through `imports`, without the disabled ones, each key once. */
  collectModules = class: modulesPath: initial: args:
    let
      checkClass = m:
        if class != null && m._class != null && m._class != class then
          throw "The module `${m._file}` (class: ${builtins.toJSON m._class}) cannot be imported into a module evaluation that expects class ${builtins.toJSON class}."
        else m;

      load = fallbackFile: fallbackKey: m:
        checkClass (
          if isFunction m then
            unifyModuleSyntax fallbackFile fallbackKey (applyModuleArgs fallbackKey m args)
          else if isList m then
            throw "Module imports can't be nested lists. Perhaps you meant to remove one level of lists? Definitions: \n- ${fallbackFile}"
          else if isAttrs m && m ? _type then
            (if m._type == "if" || m._type == "override" || m._type == "merge" then
              unifyModuleSyntax fallbackFile fallbackKey { config = m; }
            else
              throw "Expected a module, but found a value of type ${builtins.toJSON m._type}${optionalString (fallbackFile != unknownModule) ", while trying to load a module into ${toString fallbackFile}"}.${optionalString (m._type == "flake") " A flake is no module: use one of its modules, for example `nixosModules.default'."}${optionalString (m._type == "configuration") " A configuration is an already evaluated set of modules: please only import the modules that make up the configuration, or use its `extendModules'."}")
          else if isAttrs m && !(isFileLike m) then unifyModuleSyntax fallbackFile fallbackKey m
          else if isFileLike m then
            let
              name = toString m;
            in
            unifyModuleSyntax name name (applyModuleArgsIfFunction name (import m) args)
          else
            throw "Expected a module, but found a ${typeOf m}${optionalString (fallbackFile != unknownModule) " in ${toString fallbackFile}"}."
        );

      graph = parentFile: parentKey: ms:
        let
          nodes = lib.imap1
            (n: m:
              let
                module = load parentFile "${parentKey}:anon-${toString n}" m;
                below = graph module._file module.key module.imports;
              in
              {
                key = module.key;
                inherit module;
                modules = below.modules;
                disabled = (map (d: { inherit (module) _file; disabled = d; }) module.disabledModules) ++ below.disabled;
              })
            ms;
        in
        {
          disabled = concatMap (n: n.disabled) nodes;
          modules = nodes;
        };

      whole = graph unknownModule "" initial;
      disabledKey = { _file, disabled }:
        if isString disabled then
          (if lib.substring 0 1 disabled == "/" then disabled else "${toString modulesPath}/${disabled}")
        else if isPath disabled then toString disabled
        else if isAttrs disabled && !(disabled ? __toString && !(disabled ? key)) then
          (if disabled ? key then toString disabled.key
          else if disabled ? _file then toString disabled._file
          else throw "Module `${_file}` contains a disabledModules item that is an attribute set, presumably a module, that does not have a `key` attribute. This means that the module system doesn't have any means to identify the module that should be disabled. Make sure that you've put the correct value in disabledModules: a string path relative to modulesPath, a path value, or an attribute set with a `key` attribute.")
        else if lib.strings.isConvertibleWithToString disabled then toString disabled
        else throw "Each disabledModules item must be a path, string, or a attribute set with a key attribute, or a value supported by toString. However, one of the disabledModules items in `${toString _file}` is none of that, but is of type ${typeOf disabled}.";
      disabledKeys = map disabledKey whole.disabled;
      enabled = if disabledKeys == [ ] then lib.id else filter (n: !(elem n.key disabledKeys));
    in
    map (node: node.module) (genericClosure {
      startSet = enabled whole.modules;
      operator = node: enabled node.modules;
    });

  # Gives a module that has no `_file` a name for messages.
  setDefaultModuleLocation = file: m: { _file = file; imports = [ m ]; };

  # Every form of writing a module -> { _file, _class, key, disabledModules, imports, options, config }.
  unifyModuleSyntax = file: key: m:
    let
      addMeta = config: if m ? meta then mkMerge [ config { meta = m.meta; } ] else config;
      addFreeformType = config:
        if m ? freeformType then mkMerge [ config { _module.freeformType = m.freeformType; } ] else config;
      foreign = removeAttrs m [ "_class" "_file" "key" "disabledModules" "imports" "options" "config" "meta" "freeformType" ];
      common = {
        _file = toString (m._file or file);
        _class = m._class or null;
        key = toString (m.key or key);
        disabledModules = m.disabledModules or [ ];
      };
    in
    if !(isAttrs m) then
      throw "module ${toString file} (${key}) does not look like a module: it is of type ${typeOf m}, not a set or function."
    else if m ? config || m ? options then
      if foreign != { } then
        throw "Module `${key}' has an unsupported attribute `${head (attrNames foreign)}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${toString (attrNames foreign)}) into the explicit `config' attribute."
      else
        common // {
          imports = m.imports or [ ];
          options = m.options or { };
          config = addFreeformType (addMeta (m.config or { }));
        }
    else
      common // {
        imports = m.require or [ ] ++ m.imports or [ ];
        options = { };
        config = addFreeformType (removeAttrs m [ "_class" "_file" "key" "disabledModules" "require" "imports" "freeformType" ]);
      };

  applyModuleArgsIfFunction = key: f: args: if isFunction f then applyModuleArgs key f args else f;

  # Arguments are looked up by the names that the function declares, so that `_module.args` stays lazy.
  applyModuleArgs = key: f: args:
    let
      context = name: ''while evaluating the module argument `${name}' in "${key}":'';
      named = mapAttrs
        (name: _: addErrorContext (context name) (args.${name} or args.config._module.args.${name}))
        (lib.functionArgs f);
    in
    f (args // named);

  ## Merging declarations and definitions

  mergeModules = prefix: modules:
    mergeModules' prefix modules
      (concatMap (m: map (config: { file = m._file; inherit config; }) (pushDownIn m._file prefix m.config)) modules);

  # modules: [ { _file, options } ]; configs: [ { file, config } ] -> { matchedOptions, unmatchedDefns }
  mergeModules' = prefix: modules: configs:
    let
      declarations = zipAttrsWith (_: values: values) (map
        (module:
          let
            subtree = module.options;
          in
          if !(isAttrs subtree) then
            throw "An option declaration for `${concatStringsSep "." prefix}' has type `${typeOf subtree}' rather than an attribute set.\nDid you mean to define this outside of `options'?\n"
          else
            mapAttrs
              (name: option: {
                inherit (module) _file;
                pos = unsafeGetAttrPos name subtree;
                options = option;
              })
              subtree)
        modules);

      checkedConfig = { file, config }:
        if isAttrs config then config
        else throw "In module `${file}', you're trying to define a value of type `${typeOf config}'\nrather than an attribute set for the option\n`${showOption prefix}'!\n\nThis usually happens if `${showOption prefix}' has option\ndefinitions inside that are not matched. Please check how to properly define\nthis option by e.g. referring to `man 5 configuration.nix'!";

      # With properties pushed down, for options that lie deeper; and as they are, for this level's.
      pushed = zipAttrsWith (_: concatLists) (map
        (c: mapAttrs (_: value: map (config: { inherit (c) file; inherit config; }) (pushDownProperties value)) (checkedConfig c))
        configs);
      raw = zipAttrsWith (_: values: values) (map
        (c: mapAttrs (_: value: { inherit (c) file; inherit value; }) (checkedConfig c))
        configs);

      one = name: decls:
        let
          loc = prefix ++ [ name ];
          defns = pushed.${name} or [ ];
          optionDecls = filter (d: d.options ? _type && (d.options._type == "option" || checkIsOption loc d)) decls;
          first = head optionDecls;
          asOption = opt: { matchedOptions = evalOptionValue loc opt (raw.${name} or [ ]); unmatchedDefns = [ ]; };
        in
        if length optionDecls == length decls then
          asOption (fixupOptionType loc (mergeOptionDecls loc decls))
        else if optionDecls != [ ] then
          let
            # A set of options beside an option: they belong into the option's submodule, if it has one.
            nested = filter (d: !(isOption d.options)) decls;
            asSubmodule = d: d // { options = mkOption { type = types.submoduleWith { modules = [ { inherit (d) options _file; } ]; shorthandOnlyDefinesConfig = null; }; }; };
          in
          if all (d: (d.options.type.getSubModules or null) != null) optionDecls
            && all (d: d.options.type.name or null == "submodule") optionDecls then
            asOption (fixupOptionType loc (mergeOptionDecls loc (map (d: if isOption d.options then d else asSubmodule d) decls)))
          else
            throw "The option `${showOption loc}' in module `${first._file}' would be a parent of the following options, but its type `${first.options.type.description or "<no description>"}' does not support nested options.\n${
              concatMapStringsSep "\n" (d: "- option(s) with prefix `${showOption (loc ++ [ (head (attrNames d.options ++ [ "<name>" ])) ])}' in module `${d._file}'") nested}"
        else
          mergeModules' loc decls defns;

      results = mapAttrs one declarations;
      # As they are: a value that nobody declared need not be a set, and must not be looked at for its name's sake.
      undeclared = removeAttrs raw (attrNames declarations);
    in
    {
      matchedOptions = mapAttrs (_: r: r.matchedOptions) results;
      unmatchedDefns =
        if configs == [ ] then [ ]
        else
          concatLists (lib.mapAttrsToList
            (name: defs: map (def: def // { prefix = [ name ] ++ def.prefix; }) defs)
            (mapAttrs (_: defs: map (def: def // { prefix = [ ]; }) defs) undeclared
              // mapAttrs (_: r: r.unmatchedDefns) results));
    };

  # A set with a `_type` among declarations is nearly always a type that should have been in `mkOption`.
  checkIsOption = loc: d:
    if d.options._type == "option-type" then
      throw "In module ${d._file}: expected an option declaration at option path `${showOption loc}` but got an attribute set with type option-type. Use `mkOption { type = …; }`."
    else
      throw "In module ${d._file}: expected an option declaration at option path `${showOption loc}` but got an attribute set with type ${d.options._type}";

  # Declarations of one option in several modules: at most one of each attribute, and types that go together.
  mergeOptionDecls = loc: decls:
    foldl'
      (res: decl:
        let
          opt = decl.options;
          both = name: opt ? ${name} && res ? ${name};
          mergedType = res.type.typeMerge opt.type.functor;
          typesMerge = both "type" && mergedType != null;
          submodules = opt.type.getSubModules or null;
        in
        if both "default" || both "example" || both "description" || both "apply" || (both "type" && !typesMerge) then
          throw "The option `${showOption loc}' in `${decl._file}' is already declared in ${showFiles res.declarations}."
        else
          opt // res // {
            declarations = res.declarations ++ [ decl._file ];
            declarationPositions = res.declarationPositions
              ++ (if decl.pos or null != null then [ decl.pos ] else [ { file = decl._file; line = null; column = null; } ]);
            options = if submodules == null then res.options
              else map (setDefaultModuleLocation decl._file) submodules ++ res.options;
          }
          // optionalAttrs typesMerge { type = mergedType; })
      { inherit loc; declarations = [ ]; declarationPositions = [ ]; options = [ ]; }
      decls;

  # The option's type with the submodules of all its declarations.
  fixupOptionType = loc: opt:
    if opt.type.getSubModules or null == null then opt // { type = opt.type or types.unspecified; }
    else opt // { type = opt.type.substSubModules opt.options; options = [ ]; };

  # The option with its value.
  evalOptionValue = loc: opt: defs:
    let
      withDefault = optional (opt ? default) { file = head opt.declarations; value = mkOptionDefault opt.default; } ++ defs;
      res =
        if opt.readOnly or false && length withDefault > 1 then
          let
            # Each by itself, so that one bad definition does not hide the others.
            shown = map (def: def // { value = (mergeDefinitions loc opt.type [ def ]).mergedValue; }) withDefault;
          in
          throw "The option `${showOption loc}' is read-only, but it's set multiple times. Definition values:${showDefs shown}"
        else
          mergeDefinitions loc opt.type withDefault;
      value = if opt ? apply then opt.apply res.mergedValue else res.mergedValue;
      checkDeprecation =
        if opt.type.deprecationMessage or null == null then lib.id
        else lib.warn "The type `types.${opt.type.name}' of option `${showOption loc}' defined in ${showFiles opt.declarations} is deprecated. ${opt.type.deprecationMessage}";
    in
    checkDeprecation opt // {
      value = addErrorContext "while evaluating the option `${showOption loc}':" value;
      inherit (res.defsFinal') highestPrio;
      definitions = map (def: def.value) res.defsFinal;
      files = map (def: def.file) res.defsFinal;
      definitionsWithLocations = res.defsFinal;
      inherit (res) isDefined;
      __toString = _: showOption loc;
    };

  # Definitions -> value: properties are resolved, the highest priority stands, the type merges.
  mergeDefinitions = loc: type: defs: rec {
    defsFinal' =
      let
        discharged = concatMap dischargeDefinition defs;
        strongest = filterOverrides' discharged;
        values =
          if any (def: def.value._type or "" == "order") strongest.values then sortProperties strongest.values
          else strongest.values;
      in
      { inherit values; inherit (strongest) highestPrio; };
    defsFinal = defsFinal'.values;

    isDefined = defsFinal != [ ];
    mergedValue =
      if !isDefined && type.emptyValue ? value then type.emptyValue.value
      else if !isDefined then
        throw "The option `${showOption loc}' was accessed but has no value defined. Try setting the option."
      else if all (def: type.check def.value) defsFinal then type.merge loc defsFinal
      else
        let
          wrong = filter (def: !type.check def.value) defsFinal;
        in
        throw "A definition for option `${showOption loc}' is not of type `${type.description}'. Definition values:${showDefs wrong}";
    optionalValue = if isDefined then { value = mergedValue; } else { };
  };

  ## Properties

  # The same, saying where a condition stands around something that is no set.
  pushDownIn = file: prefix: cfg:
    let
      type = cfg._type or "";
      check = content:
        if isAttrs content then content
        else throw "In module `${toString file}', you're trying to define a value of type `${typeOf content}'\nrather than an attribute set for the option\n`${showOption prefix}'!";
    in
    if type == "if" || type == "override" then pushDownProperties (cfg // { content = check cfg.content; })
    else pushDownProperties cfg;

  # `mkMerge`, `mkIf` and `mkOverride` around a set -> sets with the property on each attribute.
  pushDownProperties = cfg:
    let
      type = cfg._type or "";
    in
    if type == "merge" then concatMap pushDownProperties cfg.contents
    else if type == "if" then map (mapAttrs (_: mkIf cfg.condition)) (pushDownProperties cfg.content)
    else if type == "override" then map (mapAttrs (_: mkOverride cfg.priority)) (pushDownProperties cfg.content)
    else if type == "definition" then
      map (mapAttrs (_: value: mkDefinition { inherit (cfg) file; inherit value; })) (pushDownProperties cfg.value)
    else [ cfg ];

  # A definition -> the definitions it stands for: conditions that do not hold leave none.
  dischargeProperties = def:
    let
      type = def._type or "";
    in
    if type == "merge" then concatMap dischargeProperties def.contents
    else if type == "if" then
      if isBool def.condition then (if def.condition then dischargeProperties def.content else [ ])
      else throw "‘mkIf’ called with a non-Boolean condition"
    else [ def ];

  # The same for { file, value }, where `mkDefinition` says that a value comes from another file.
  dischargeDefinition = { file, value, ... }:
    concatMap
      (v:
        if v._type or "" == "definition" then dischargeDefinition { inherit (v) file value; }
        else if v._type or "" == "override" && v.content._type or "" == "definition" then
          map (def: def // { value = v // { content = def.value; }; }) (dischargeDefinition { inherit (v.content) file value; })
        else [ { inherit file; value = v; } ])
      (addErrorContext "while evaluating definitions from `${file}':" (dischargeProperties value));

  # Only the definitions of the strongest (lowest) priority.
  filterOverrides = defs: (filterOverrides' defs).values;
  filterOverrides' = defs:
    let
      priority = def: if def.value._type or "" == "override" then def.value.priority else defaultOverridePriority;
      highestPrio = foldl' (lowest: def: lib.min (priority def) lowest) 9999 defs;
      strip = def: if def.value._type or "" == "override" then def // { value = def.value.content; } else def;
    in
    {
      values = concatMap (def: if priority def == highestPrio then [ (strip def) ] else [ ]) defs;
      inherit highestPrio;
    };

  sortProperties = defs:
    let
      strip = def:
        if def.value._type or "" == "order" then def // { value = def.value.content; inherit (def.value) priority; } else def;
    in
    lib.sort (a: b: (a.priority or defaultOrderPriority) < (b.priority or defaultOrderPriority)) (map strip defs);

  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkAssert = assertion: message: content: mkIf (if assertion then true else throw "\nFailed assertion: ${message}") content;
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  defaultOverridePriority = 100;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;

  mkOrder = priority: content: { _type = "order"; inherit priority content; };
  mkBefore = mkOrder 500;
  defaultOrderPriority = 1000;
  mkAfter = mkOrder 1500;
  mkFixStrictness = lib.warn "lib.mkFixStrictness has no effect and will be removed. It returns its argument unmodified, so you can just remove any calls." lib.id;
  mkDefinition = args: args // { _type = "definition"; };

  # f on the value of a definition, inside its properties.
  mapDefinitionValue = f: def:
    let
      type = def._type or null;
    in
    if type == "merge" then def // { contents = map (mapDefinitionValue f) def.contents; }
    else if type == "if" || type == "override" || type == "order" then def // { content = mapDefinitionValue f def.content; }
    else if type == "definition" then def // { value = mapDefinitionValue f def.value; }
    else f def;

  # Each attribute of an `attrsOf` option with the priority of its own definitions: { name = { value, highestPrio }; }
  mergeAttrDefinitionsWithPrio = opt:
    mapAttrs
      (name: defs:
        let
          merged = mergeDefinitions (opt.loc ++ [ name ]) opt.type.nestedTypes.elemType defs;
        in
        { value = merged.mergedValue; inherit (merged.defsFinal') highestPrio; })
      (zipAttrsWith (_: values: values) (concatMap
        (def: map (mapAttrs (_: value: def // { inherit value; })) (pushDownProperties def.value))
        opt.definitionsWithLocations));

  ## One option in terms of another

  mkAliasDefinitions = mkAliasAndWrapDefinitions lib.id;
  mkAliasAndWrapDefinitions = wrap: option: mkAliasIfDef option (wrap (mkMerge option.definitions));
  # Keeps the priority that the definitions had.
  mkAliasAndWrapDefsWithPriority = wrap: option:
    let
      keep = mkOverride (option.highestPrio or defaultOverridePriority);
    in
    mkAliasIfDef option (wrap (mkMerge (map keep option.definitions)));
  mkAliasIfDef = option: mkIf (isOption option && option.isDefined);

  mkDerivedConfig = opt: f: mkOverride (opt.highestPrio or defaultOverridePriority) (f opt.value);

  mkRenamedOptionModule = from: to: doRename {
    inherit from to;
    visible = false;
    warn = true;
    use = builtins.trace "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'.";
  };
  mkRenamedOptionModuleWith = { from, to, sinceRelease }: doRename {
    inherit from to;
    visible = false;
    warn = lib.oldestSupportedReleaseIsAtLeast sinceRelease;
    use = lib.warnIf (lib.oldestSupportedReleaseIsAtLeast sinceRelease)
      "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'.";
  };
  mkAliasOptionModule = from: to: doRename { inherit from to; visible = true; warn = false; use = lib.id; };
  mkAliasOptionModuleMD = mkAliasOptionModule;

  mkRemovedOptionModule = optionName: replacement: { options, ... }: {
    options = setAttrByPath optionName (mkOption {
      visible = false;
      apply = _: throw "The option `${showOption optionName}' can no longer be used since it's been removed. ${replacement}";
    });
    config.assertions =
      let
        opt = lib.getAttrFromPath optionName options;
      in
      [
        {
          assertion = !opt.isDefined;
          message = "The option definition `${showOption optionName}' in ${showFiles opt.files} no longer has any effect; please remove it.\n${replacement}";
        }
      ];
  };

  mkMergedOptionModule = from: to: mergeFn: { config, options, ... }: {
    options = lib.foldl' recursiveUpdate { } (map
      (path: setAttrByPath path (mkOption {
        visible = false;
        # Tells a definition from none.
        default = "_mkMergedOptionModule";
      }))
      from);
    config = {
      warnings = filter (x: x != "") (map
        (path:
          let
            value = lib.getAttrFromPath path config;
            opt = lib.getAttrFromPath path options;
          in
          optionalString (value != "_mkMergedOptionModule")
            "The option `${showOption path}' defined in ${showFiles opt.files} has been changed to `${showOption to}' that has a different type. Please read `${showOption to}' documentation and update your configuration accordingly.")
        from);
    }
    // setAttrByPath to (mkMerge (optional
      (any (path: lib.getAttrFromPath path config != "_mkMergedOptionModule") from)
      (mergeFn config)));
  };
  mkChangedOptionModule = from: to: changeFn: mkMergedOptionModule [ from ] to changeFn;

  doRename = { from, to, visible, warn, use, withPriority ? true, condition ? true }: { config, options, ... }:
    let
      fromOpt = lib.getAttrFromPath from options;
      target = attrByPath to (abort "Renaming error: option `${showOption to}' does not exist.");
      toType = (attrByPath to { } options).type or (types.submodule { });
    in
    {
      options = setAttrByPath from (mkOption {
        inherit visible;
        description = "Alias of {option}`${showOption to}`.";
        apply = _: use (target config);
      } // optionalAttrs (toType != null) { type = toType; });
      config = mkIf condition (mkMerge [
        (optionalAttrs (options ? warnings) {
          warnings = optional (warn && fromOpt.isDefined)
            "The option `${showOption from}' defined in ${showFiles fromOpt.files} has been renamed to `${showOption to}'.";
        })
        ((if withPriority then mkAliasAndWrapDefsWithPriority else mkAliasAndWrapDefinitions) (setAttrByPath to) fromOpt)
      ]);
    };

  ## Modules from files

  # file -> arguments -> module, with the file's name kept.
  importApply = file: args: setDefaultModuleLocation file (import file args);
  importJSON = file: { _file = file; config = lib.importJSON file; };
  importTOML = file: { _file = file; config = lib.importTOML file; };
}
