# From what is imported to one list of modules in one form.
{ lib }:
let
  inherit (builtins) addErrorContext attrNames concatMap elem filter isAttrs isList isPath isString mapAttrs toJSON typeOf;
  inherit (lib) isFunction mkMerge optionalString;
  inherit (lib.options) unknownModule;

  # A file to import, rather than the module itself.
  isFile = m: isPath m || isString m || isAttrs m && m ? outPath && !(m ? options || m ? config || m ? imports);

  # What else can stand beside `config` and `options`.
  own = [ "_class" "_file" "key" "disabledModules" "imports" "freeformType" ];

  # Why a set with a type of its own is no module.
  advice = {
    flake = " A flake is no module: use one of its modules, `nixosModules.default' for example.";
    configuration = " It has been evaluated already: please only import the modules that make up the configuration, or use its `extendModules'.";
  };
in
rec {
  /* Every module that is reached, each key once, without the disabled ones.
     class: modules of another are refused. modulesPath: where names of disabled modules begin. */
  collectModules = class: modulesPath: initial: args:
    let
      ofClass = m:
        if class == null || m._class == null || m._class == class then m
        else throw "The module `${m._file}` (class: ${toJSON m._class}) cannot be imported into a module evaluation that expects class ${toJSON class}.";

      load = file: key: m:
        let
          inFile = optionalString (file != unknownModule) " in ${toString file}";
          name = toString m;
        in
        if isFunction m then unifyModuleSyntax file key (applyModuleArgs key m args)
        else if isFile m then unifyModuleSyntax name name (applyModuleArgsIfFunction name (import m) args)
        else if isAttrs m && elem (m._type or "") [ "if" "override" "merge" ] then unifyModuleSyntax file key { config = m; }
        else if isAttrs m && m ? _type then
          throw "Expected a module, but found a value of type ${toJSON m._type}, while trying to load a module into ${toString file}.${advice.${m._type} or ""}"
        else if isAttrs m then unifyModuleSyntax file key m
        else if isList m then throw "Expected a module, but found a list${inFile}: Module imports can't be nested lists."
        else throw "Expected a module, but found a ${typeOf m}${inFile}.";

      node = file: key: m:
        let
          module = ofClass (load file key m);
          below = nodes module._file module.key module.imports;
        in
        { inherit (module) key; inherit module below; };
      nodes = file: key: lib.imap1 (n: node file "${key}:anon-${toString n}");

      tops = nodes unknownModule "" initial;
      disabledBy = { module, below, ... }: map (keyOf module._file) module.disabledModules ++ concatMap disabledBy below;
      disabled = concatMap disabledBy tops;
      enabled = if disabled == [ ] then lib.id else filter ({ key, ... }: !(elem key disabled));

      keyOf = file: m:
        if isString m && !(lib.hasPrefix "/" m) then "${toString modulesPath}/${m}"
        else if m ? key then toString m.key
        else if isAttrs m && !(lib.isStringLike m) then
          m._file or (throw "`disabledModules' in `${file}' has a set without `key': a module is disabled by its path, its name below modulesPath, or its key.")
        else if lib.strings.isConvertibleWithToString m then toString m
        else throw "`disabledModules' in `${file}' has a ${typeOf m}: a module is disabled by its path, its name below modulesPath, or its key.";
    in
    map (n: n.module) (builtins.genericClosure { startSet = enabled tops; operator = n: enabled n.below; });

  # Gives a module the name of a file for messages.
  setDefaultModuleLocation = file: m: { _file = file; imports = [ m ]; };

  # Any form of a module -> { _file, _class, key, disabledModules, imports, options, config }.
  unifyModuleSyntax = file: key: m:
    let
      long = m ? config || m ? options;
      stray = attrNames (removeAttrs m (own ++ [ "config" "options" "meta" ]));
      extra = lib.optional (m ? freeformType) { _module.freeformType = m.freeformType; }
        ++ lib.optional (long && m ? meta) { inherit (m) meta; };
      body = if long then m.config or { } else removeAttrs m (own ++ [ "require" ]);
    in
    if !(isAttrs m) then throw "module ${toString file} (${key}) does not look like a module: it is a ${typeOf m}."
    else if long && stray != [ ] then
      throw "Module `${key}' has an unsupported attribute `${builtins.head stray}'. Beside `config' and `options', definitions must be inside `config': ${toString stray}."
    else {
      _file = toString (m._file or file);
      _class = m._class or null;
      key = toString (m.key or key);
      disabledModules = m.disabledModules or [ ];
      imports = (if long then [ ] else m.require or [ ]) ++ m.imports or [ ];
      options = if long then m.options or { } else { };
      config = if extra == [ ] then body else mkMerge ([ body ] ++ extra);
    };

  applyModuleArgsIfFunction = key: f: args: if isFunction f then applyModuleArgs key f args else f;

  # Looked up by the names that the function declares, each when it is used: `_module.args` stays lazy.
  applyModuleArgs = key: f: args:
    let
      find = name: _:
        addErrorContext "while evaluating the module argument `${name}' in \"${key}\":"
          (args.${name} or args.config._module.args.${name});
    in
    f (args // mapAttrs find (lib.functionArgs f));

  # A module from a file that takes arguments first, keeping its name.
  importApply = file: args: setDefaultModuleLocation file (import file args);
  importJSON = file: { _file = file; config = lib.importJSON file; };
  importTOML = file: { _file = file; config = lib.importTOML file; };
}
