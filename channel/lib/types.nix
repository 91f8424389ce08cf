# Types of options: what a definition must be, and how several become one value.
#
# A type is a set { name, description, check, merge, … }; `functor` tells how two declarations of one option with
# types of the same name become one type. nixpkgs' manual, "Options Types".
{ lib }:
let
  inherit (builtins)
    all any attrNames concatLists concatStringsSep elem filter head isAttrs isBool isFloat isInt isList isPath
    isString length mapAttrs match typeOf;
  inherit (lib)
    boolToString concatMapStringsSep filterAttrs flip foldl' imap1 isFunction isOption isStringLike last optionalAttrs
    toDerivation zipAttrsWith;
  inherit (lib.modules) mergeDefinitions fixupOptionType mergeOptionDecls;
  inherit (lib.options)
    getFiles getValues mergeDefaultOption mergeEqualOption mergeOneOption mergeUniqueOption mkOption showOption;

  outer = lib;

  # Parentheses around descriptions that would run into the rest of the sentence.
  phrase = fits: t: if fits (t.descriptionClass or null) then t.description else "(${t.description})";

  # Definitions of sets -> sets of definitions.
  pushPositions = map (def: mapAttrs (_: value: { inherit (def) file; inherit value; }) def.value);

  # For types with one element type: they go together if their elements do.
  elemFunctor = name: type: payload: defaultFunctor name // {
    inherit payload;
    type = type;
    wrapped = payload.elemType;
    binOp = a: b:
      let
        merged = a.elemType.typeMerge b.elemType.functor;
      in
      if merged == null then null else a // { elemType = merged; };
  };

  defaultFunctor = name: { inherit name; type = types.${name} or null; wrapped = null; payload = null; binOp = _: _: null; };

  defaultTypeMerge = f: f':
    if f.name != f'.name then null
    else if f.payload != null && f'.payload != null then
      let
        payload = f.binOp f.payload f'.payload;
      in
      if payload == null then null else f.type payload
    else if f.payload != null || f'.payload != null then null
    else if f.wrapped != null && f'.wrapped != null then
      let
        wrapped = f.wrapped.typeMerge f'.wrapped.functor;
      in
      if wrapped == null then null else f.type wrapped
    else if f.wrapped != null || f'.wrapped != null then null
    else f.type;

  setType = typeName: value: value // { _type = typeName; };
  isType = type: x: (x._type or "") == type;

  mkOptionType =
    { name
    , description ? null
      # "noun", "conjunction", "composite" or "nonRestrictiveClause": how it may stand in a sentence.
    , descriptionClass ? null
    , check ? _: true
    , merge ? mergeDefaultOption
      # { } or { value = …; }: what an option without definitions is within `attrsOf` and `lazyAttrsOf`.
    , emptyValue ? { }
      # Options below, for documentation: prefix -> options
    , getSubOptions ? _: { }
      # Of types with submodules: their modules, and the type with others.
    , getSubModules ? null
    , substSubModules ? _: null
    , typeMerge ? defaultTypeMerge functor
    , functor ? defaultFunctor name
    , deprecationMessage ? null
    , nestedTypes ? { }
    }: {
      _type = "option-type";
      inherit name check merge emptyValue getSubOptions getSubModules substSubModules typeMerge deprecationMessage nestedTypes descriptionClass;
      inherit functor;
      description = if description == null then name else description;
    };

  optionDescriptionPhrase = phrase;

  between = lowest: highest:
    assert lib.assertMsg (lowest <= highest) "ints.between: lowest must be smaller than highest";
    addCheck int (x: x >= lowest && x <= highest) // {
      name = "intBetween";
      description = "integer between ${toString lowest} and ${toString highest} (both inclusive)";
    };
  betweenDesc = from: to: "${toString from} and ${toString to} (both inclusive)";
  sized = kind: bits: from: to:
    addCheck int (x: x >= from && x <= to) // {
      name = if kind == "unsigned" then "unsignedInt${toString bits}" else "signedInt${toString bits}";
      description = "${toString bits} bit ${kind} integer; between ${betweenDesc from to}";
    };

  simple = name: description: check: mkOptionType {
    inherit name description check;
    descriptionClass = "noun";
    merge = mergeEqualOption;
  };

  separated = sep: mkOptionType rec {
    name = "separatedString";
    description = if sep == "" then "Concatenated string" else "strings concatenated with ${builtins.toJSON sep}";
    descriptionClass = "noun";
    check = isString;
    merge = _: defs: concatStringsSep sep (getValues defs);
    functor = defaultFunctor name // {
      payload = { inherit sep; };
      type = payload: separated payload.sep;
      binOp = a: b: if a.sep == b.sep then { inherit (a) sep; } else null;
    };
  };

  addCheck = elemType: check: elemType // {
    check = x: elemType.check x && check x;
  };

  int = simple "int" "signed integer" isInt;
  float = simple "float" "floating point number" isFloat;
  str = simple "str" "string" isString;

  types = rec {
    inherit isType setType defaultFunctor defaultTypeMerge mkOptionType optionDescriptionPhrase;
    isOptionType = isType "option-type";

    # Two types as the type of one option; a `merge-error` where they do not go together.
    mergeTypes = a: b:
      if !(isOptionType a && isOptionType b) then throw "mergeTypes: both arguments must be option types"
      else
        let
          merged = a.typeMerge b.functor;
        in
        if merged == null then
          setType "merge-error" { error = "Cannot merge the types `${a.description}' and `${b.description}'"; }
        else
          merged;

    ## Anything

    raw = mkOptionType {
      name = "raw";
      description = "raw value";
      descriptionClass = "noun";
      merge = mergeOneOption;
    };

    unspecified = mkOptionType { name = "unspecified"; description = "unspecified value"; descriptionClass = "noun"; };

    # Merged as the values themselves suggest: sets by name, lists one after the other, functions by their results.
    anything = mkOptionType {
      name = "anything";
      description = "anything";
      descriptionClass = "noun";
      merge = loc: defs:
        let
          kind = value: if isAttrs value && isStringLike value then "stringCoercibleSet" else typeOf value;
          first = kind (head defs).value;
          common = foldl'
            (seen: def:
              if kind def.value == seen then seen
              else throw "The option `${showOption loc}' has conflicting option types in ${outer.showFiles (getFiles defs)}")
            first
            defs;
          mergeBy = {
            set = (types.attrsOf anything).merge;
            stringCoercibleSet = mergeOneOption;
            lambda = loc: defs: arg: anything.merge (loc ++ [ "<function body>" ]) (map (def: { inherit (def) file; value = def.value arg; }) defs);
          };
        in
        (mergeBy.${common} or mergeEqualOption) loc defs;
    };

    ## Scalars

    bool = simple "bool" "boolean" isBool;
    boolByOr = mkOptionType {
      name = "boolByOr";
      description = "boolean (merged using or)";
      descriptionClass = "noun";
      check = isBool;
      merge = _: defs: any (x: x) (getValues defs);
    };

    inherit int float addCheck;

    ints = {
      inherit between;
      positive = addCheck int (x: x > 0) // { name = "positiveInt"; description = "positive integer, meaning >0"; descriptionClass = "nonRestrictiveClause"; };
      unsigned = addCheck int (x: x >= 0) // { name = "unsignedInt"; description = "unsigned integer, meaning >=0"; descriptionClass = "nonRestrictiveClause"; };
      u8 = sized "unsigned" 8 0 255;
      u16 = sized "unsigned" 16 0 65535;
      u32 = sized "unsigned" 32 0 4294967295;
      s8 = sized "signed" 8 (-128) 127;
      s16 = sized "signed" 16 (-32768) 32767;
      s32 = sized "signed" 32 (-2147483648) 2147483647;
    };
    port = ints.u16;

    number = either int float;
    numbers =
      let
        bounded = name: description: check: addCheck number check // { inherit name description; };
      in
      {
        between = lowest: highest:
          assert lib.assertMsg (lowest <= highest) "numbers.between: lowest must be smaller than highest";
          bounded "numberBetween" "integer or floating point number between ${toString lowest} and ${toString highest} (both inclusive)"
            (x: x >= lowest && x <= highest);
        nonnegative = bounded "numberNonnegative" "nonnegative integer or floating point number, meaning >=0" (x: x >= 0) // { descriptionClass = "nonRestrictiveClause"; };
        positive = bounded "numberPositive" "positive integer or floating point number, meaning >0" (x: x > 0) // { descriptionClass = "nonRestrictiveClause"; };
      };

    ## Strings

    inherit str;
    nonEmptyStr = simple "nonEmptyStr" "non-empty string" (x: str.check x && match "[ \t\n]*" x == null);
    singleLineStr = mkOptionType {
      name = "singleLineStr";
      description = "(optionally newline-terminated) single-line string";
      descriptionClass = "noun";
      check = x: isString x && match "[^\n\r]*\n?" x != null;
      merge = loc: defs: lib.removeSuffix "\n" (mergeEqualOption loc defs);
    };
    strMatching = pattern: mkOptionType {
      name = "strMatching ${lib.strings.escapeNixString pattern}";
      description = "string matching the pattern ${pattern}";
      descriptionClass = "noun";
      check = x: str.check x && match pattern x != null;
      inherit (str) merge;
      functor = defaultFunctor "strMatching" // {
        type = payload: strMatching payload.pattern;
        payload = { inherit pattern; };
        binOp = a: b: if a == b then a else null;
      };
    };
    separatedString = separated;
    lines = separated "\n";
    commas = separated ",";
    envVar = separated ":";
    string = separated "" // {
      name = "string";
      deprecationMessage = "See https://github.com/NixOS/nixpkgs/pull/66346 for better alternative types.";
    };
    passwdEntry = entryType: addCheck entryType (s: !(lib.hasInfix ":" s || lib.hasInfix "\n" s)) // {
      name = "passwdEntry ${entryType.name}";
      description = "${phrase (class: class == "noun") entryType}, not containing newlines or colons";
      descriptionClass = "nonRestrictiveClause";
    };

    ## Things

    attrs = mkOptionType {
      name = "attrs";
      description = "attribute set";
      check = isAttrs;
      merge = _: foldl' (result: def: result // def.value) { };
      emptyValue = { value = { }; };
    };

    package = mkOptionType {
      name = "package";
      descriptionClass = "noun";
      check = x: lib.isDerivation x || lib.isStorePath x;
      merge = loc: defs:
        let
          x = mergeOneOption loc defs;
        in
        if isPath x || (isString x && !(builtins.hasContext x)) then toDerivation x else x;
    };
    shellPackage = package // { check = x: lib.isDerivation x && x ? shellPath; };
    pkgs = addCheck (unique { message = "A Nixpkgs pkgs set can not be merged with another pkgs set."; } attrs // {
      name = "pkgs";
      descriptionClass = "noun";
      description = "Nixpkgs package set";
    }) (x: (x._type or null) == "pkgs");

    pathWith = { inStore ? null, absolute ? null }:
      if inStore != null && absolute == false then throw "In pathWith, inStore means the path must be absolute"
      else mkOptionType rec {
      name = if inStore == null && absolute == true then "path" else "pathWith";
      description =
        (if absolute == null then "" else if absolute then "absolute " else "relative ")
        + "path"
        + (if inStore == null then "" else if inStore then " in the Nix store" else " not in the Nix store");
      descriptionClass = "noun";
      check = x:
        let
          text = toString x;
          # A path literal is copied there when it is used.
          isInStore = isPath x || lib.hasPrefix "${builtins.storeDir}/" text && text != "${builtins.storeDir}/" && match "\\.links(/.*)?" (lib.removePrefix "${builtins.storeDir}/" text) == null;
          isAbsolute = builtins.substring 0 1 text == "/";
        in
        isStringLike x
        && (inStore == null || inStore == isInStore)
        && (absolute == null || absolute == isAbsolute);
      merge = mergeEqualOption;
      functor = defaultFunctor name // {
        type = pathWith;
        payload = { inherit inStore absolute; };
        binOp = a: b: if a == b then a else null;
      };
    };
    path = pathWith { absolute = true; };
    pathInStore = pathWith { inStore = true; };
    externalPath = pathWith { absolute = true; inStore = false; };

    fileset = mkOptionType {
      name = "fileset";
      description = "fileset";
      descriptionClass = "noun";
      check = x: lib.fileset.isFileset x || isPath x;
      merge = _: defs: lib.fileset.unions (getValues defs);
      emptyValue = { value = lib.fileset.empty; };
    };

    luaInline = mkOptionType {
      name = "luaInline";
      description = "inline lua";
      descriptionClass = "noun";
      check = x: x._type or null == "lua-inline";
      merge = mergeEqualOption;
    };

    optionDeclaration = mkOptionType {
      name = "optionDeclaration";
      description = "option declaration";
      descriptionClass = "noun";
      check = x: isOption x && !(x ? value);
    };

    # What can be written as JSON and its like.
    serializableValueWith = { typeName, nullable ? true }:
      let
        value = (if nullable then nullOr else lib.id) (oneOf [ bool int float str path (attrsOf value) (listOf value) ]) // {
          description = "${typeName} value";
          descriptionClass = "noun";
        };
      in
      value;

    optionType = mkOptionType {
      name = "optionType";
      description = "optionType";
      descriptionClass = "noun";
      check = x: x._type or null == "option-type";
      merge = loc: defs:
        if length defs == 1 then (head defs).value
        else
          let
            # Types merge as the types of an option that is declared several times do.
            modules = map (def: { _file = def.file; options = mkOption { type = def.value; }; }) defs;
          in
          (fixupOptionType loc (mergeOptionDecls loc modules)).type;
    };

    ## Lists and sets

    listOf = elemType: mkOptionType rec {
      name = "listOf";
      description = "list of ${phrase (class: class == "noun" || class == "composite") elemType}";
      descriptionClass = "composite";
      check = isList;
      merge = loc: defs:
        map (x: x.value) (filter (x: x ? value) (concatLists (imap1
          (n: def: imap1
            (m: value: (mergeDefinitions (loc ++ [ "[definition ${toString n}-entry ${toString m}]" ]) elemType
              [ { inherit (def) file; inherit value; } ]).optionalValue)
            def.value)
          defs)));
      emptyValue = { value = [ ]; };
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "*" ]);
      getSubModules = elemType.getSubModules;
      substSubModules = m: listOf (elemType.substSubModules m);
      functor = elemFunctor name (payload: listOf payload.elemType) { inherit elemType; };
      nestedTypes.elemType = elemType;
    };
    nonEmptyListOf = elemType:
      let
        list = addCheck (listOf elemType) (l: l != [ ]);
      in
      list // {
        description = "non-empty ${phrase (class: class == "noun") list}";
        emptyValue = { };
        substSubModules = m: nonEmptyListOf (elemType.substSubModules m);
      };

    attrsOf = elemType: attrsWith { inherit elemType; };
    lazyAttrsOf = elemType: attrsWith { inherit elemType; lazy = true; };
    # With `lazy`, names are known without evaluating values; an attribute under `mkIf false` then is there, empty.
    attrsWith = { elemType, lazy ? false, placeholder ? "name" }: mkOptionType rec {
      name = if lazy then "lazyAttrsOf" else "attrsOf";
      description = "${if lazy then "lazy attribute set" else "attribute set"} of ${phrase (class: class == "noun" || class == "composite") elemType}";
      descriptionClass = "composite";
      check = isAttrs;
      merge =
        if lazy then
          loc: defs: zipAttrsWith
            (name: defs:
              let
                merged = mergeDefinitions (loc ++ [ name ]) elemType defs;
              in
              merged.optionalValue.value or elemType.emptyValue.value or merged.mergedValue)
            (pushPositions defs)
        else
          loc: defs: mapAttrs (_: v: v.value) (filterAttrs (_: v: v ? value)
            (zipAttrsWith (name: defs: (mergeDefinitions (loc ++ [ name ]) elemType defs).optionalValue) (pushPositions defs)));
      emptyValue = { value = { }; };
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<${placeholder}>" ]);
      getSubModules = elemType.getSubModules;
      substSubModules = m: attrsWith { elemType = elemType.substSubModules m; inherit lazy placeholder; };
      functor = elemFunctor "attrsWith" attrsWith { inherit elemType lazy placeholder; } // {
        binOp = a: b:
          let
            merged = a.elemType.typeMerge b.elemType.functor;
            name =
              if a.placeholder == b.placeholder then a.placeholder
              else if a.placeholder == "name" then b.placeholder
              else if b.placeholder == "name" then a.placeholder
              else null;
          in
          if merged == null || a.lazy != b.lazy || name == null then null
          else { elemType = merged; inherit (a) lazy; placeholder = name; };
      };
      nestedTypes.elemType = elemType;
    };
    loaOf = elemType: attrsOf elemType // {
      name = "loaOf";
      deprecationMessage = "Mixing lists with attribute values is no longer possible; please use `types.attrsOf` instead.";
    };

    # One attribute of several: { tag = value; }, tags being options.
    attrTag = tags:
      let
        tags' = mapAttrs
          (name: opt:
            if isOption opt then
              let
                position = builtins.unsafeGetAttrPos name tags;
              in
              {
                declarations = if position == null then [ ] else [ position.file ];
                declarationPositions = if position == null then [ ] else [ position ];
              } // opt
            else throw "In attrTag, each tag value must be an option, but tag ${lib.strings.escapeNixIdentifier name} ${
              if opt._type or null == "option-type" then "was a bare type, not wrapped in mkOption."
              else if opt ? _type then "was of type ${builtins.toJSON opt._type}." else "was not."}")
          tags;
        choices = concatMapStringsSep ", " lib.strings.escapeNixIdentifier (attrNames tags);
      in
      mkOptionType rec {
        name = "attrTag";
        description = "attribute-tagged union with choices: ${choices}";
        descriptionClass = "noun";
        getSubOptions = prefix: mapAttrs (name: opt: opt // { loc = prefix ++ [ name ]; }) tags';
        check = v: isAttrs v && length (attrNames v) == 1 && tags ? ${head (attrNames v)};
        merge = loc: defs:
          let
            choice = head (attrNames (head defs).value);
            checked = map
              (def:
                if attrNames def.value == [ choice ] then { inherit (def) file; value = def.value.${choice}; }
                else throw "The option `${showOption loc}` is defined both as `${choice}` and `${head (attrNames def.value)}`, in ${outer.showFiles (getFiles defs)}.")
              defs;
          in
          if tags ? ${choice} then
            { ${choice} = (lib.modules.evalOptionValue (loc ++ [ choice ]) (tags'.${choice} // { loc = loc ++ [ choice ]; }) checked).value; }
          else
            throw "The option `${showOption loc}` is defined as ${lib.strings.escapeNixIdentifier choice}, but ${lib.strings.escapeNixIdentifier choice} is not among the valid choices (${choices}). Value ${choice} was defined in ${outer.showFiles (getFiles defs)}.";
        nestedTypes = mapAttrs (_: opt: opt.type) tags;
        functor = defaultFunctor "attrTag" // {
          type = payload: attrTag payload.tags;
          payload = { tags = tags'; };
          binOp = a: b: {
            tags = a.tags // mapAttrs
              (name: bOpt:
                if a.tags ? ${name} then
                  mergeOptionDecls [ name ] (map (options: { _file = "<attrTag {...}>"; inherit options; }) [ a.tags.${name} bOpt ])
                else bOpt)
              b.tags;
          };
        };
      };

    ## Uniqueness

    uniq = unique { message = ""; };
    unique = { message }: type: mkOptionType rec {
      name = "unique";
      inherit (type) description descriptionClass check emptyValue getSubOptions getSubModules;
      merge = mergeUniqueOption { inherit message; inherit (type) merge; };
      substSubModules = m: unique { inherit message; } (type.substSubModules m);
      functor = elemFunctor name (payload: unique { inherit message; } payload.elemType) { elemType = type; };
      nestedTypes.elemType = type;
    };

    ## Alternatives

    nullOr = elemType: mkOptionType rec {
      name = "nullOr";
      description = "null or ${phrase (class: class == "noun" || class == "conjunction") elemType}";
      descriptionClass = "conjunction";
      check = x: x == null || elemType.check x;
      merge = loc: defs:
        let
          nulls = lib.count (def: def.value == null) defs;
        in
        if nulls == length defs then null
        else if nulls != 0 then
          throw "The option `${showOption loc}` is defined both null and not null, in ${outer.showFiles (getFiles defs)}."
        else elemType.merge loc defs;
      emptyValue = { value = null; };
      getSubOptions = elemType.getSubOptions;
      getSubModules = elemType.getSubModules;
      substSubModules = m: nullOr (elemType.substSubModules m);
      functor = elemFunctor name (payload: nullOr payload.elemType) { inherit elemType; };
      nestedTypes.elemType = elemType;
    };

    enum = values:
      let
        show = v:
          if isString v then "\"${v}\"" else if isInt v then toString v else if isBool v then boolToString v else "<${typeOf v}>";
      in
      mkOptionType rec {
        name = "enum";
        description =
          if values == [ ] then "impossible (empty enum)"
          else if length values == 1 then "value ${show (head values)} (singular enum)"
          else "one of ${concatMapStringsSep ", " show values}";
        descriptionClass = if length values < 2 then "noun" else "conjunction";
        check = flip elem values;
        merge = mergeEqualOption;
        functor = defaultFunctor name // {
          payload = { inherit values; };
          type = payload: enum payload.values;
          binOp = a: b: { values = unique' (a.values ++ b.values); };
        };
      };

    either = t1: t2: mkOptionType rec {
      name = "either";
      description =
        if t1.descriptionClass or null == "nonRestrictiveClause" then
          # A comma, since the first part has one.
          "${t1.description}, or ${phrase (class: class == "noun" || class == "conjunction") t2}"
        else
          "${phrase (class: class == "noun" || class == "conjunction") t1} or ${phrase (class: class == "noun" || class == "conjunction" || class == "composite") t2}";
      descriptionClass = "conjunction";
      check = x: t1.check x || t2.check x;
      merge = loc: defs:
        let
          values = getValues defs;
        in
        if all t1.check values then t1.merge loc defs
        else if all t2.check values then t2.merge loc defs
        else mergeOneOption loc defs;
      typeMerge = f':
        let
          m1 = t1.typeMerge (head f'.payload.elemType).functor;
          m2 = t2.typeMerge (last f'.payload.elemType).functor;
        in
        if name == f'.name && m1 != null && m2 != null then functor.type [ m1 m2 ] else null;
      functor = defaultFunctor name // {
        payload.elemType = [ t1 t2 ];
        wrapped = [ t1 t2 ];
        type = ts: either (head ts) (last ts);
      };
      nestedTypes.left = t1;
      nestedTypes.right = t2;
    };
    oneOf = ts:
      if ts == [ ] then throw "types.oneOf needs to get at least one type in its argument"
      else foldl' either (head ts) (builtins.tail ts);

    coercedTo = coercedType: coerce: finalType:
      assert lib.assertMsg (coercedType.getSubModules == null)
        "coercedTo: coercedType must not have submodules (it’s a ${coercedType.description})";
      mkOptionType rec {
        name = "coercedTo";
        description = "${phrase (class: class == "noun") finalType} or ${phrase (class: class == "noun") coercedType} convertible to it";
        check = x: (coercedType.check x && finalType.check (coerce x)) || finalType.check x;
        merge = loc: defs:
          finalType.merge loc (map (def: def // { value = if coercedType.check def.value then coerce def.value else def.value; }) defs);
        emptyValue = finalType.emptyValue;
        getSubOptions = finalType.getSubOptions;
        getSubModules = finalType.getSubModules;
        substSubModules = m: coercedTo coercedType coerce (finalType.substSubModules m);
        typeMerge = _: null;
        functor = defaultFunctor name // { wrapped = finalType; };
        nestedTypes = { inherit coercedType finalType; };
      };

    ## Functions and modules

    functionTo = elemType: mkOptionType rec {
      name = "functionTo";
      description = "function that evaluates to a(n) ${phrase (class: class == "noun" || class == "composite") elemType}";
      descriptionClass = "composite";
      check = isFunction;
      merge = loc: defs: {
        # What it was declared to take, so that `callPackage` and `functionArgs` see it.
        __functionArgs = outer.mapAttrs (_: all (x: x)) (outer.zipAttrs (map (def: outer.functionArgs def.value) defs));
        __functor = _: arg:
          (mergeDefinitions (loc ++ [ "<function body>" ]) elemType
            (map (def: { inherit (def) file; value = def.value arg; }) defs)).mergedValue;
      };
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<function body>" ]);
      getSubModules = elemType.getSubModules;
      substSubModules = m: functionTo (elemType.substSubModules m);
      functor = elemFunctor "functionTo" (payload: functionTo payload.elemType) { inherit elemType; };
      nestedTypes.elemType = elemType;
    };

    submodule = modules: submoduleWith {
      shorthandOnlyDefinesConfig = true;
      modules = outer.toList modules;
    };

    submoduleWith = { modules, specialArgs ? { }, shorthandOnlyDefinesConfig ? false, description ? null, class ? null }@attrs:
      let
        base = lib.evalModules {
          inherit class specialArgs;
          modules = [ { _module.args.name = lib.mkOptionDefault "‹name›"; } ] ++ modules;
        };
        # Documentation is made where definitions are lacking: nothing is checked.
        documented = prefix: base.extendModules { inherit prefix; modules = [ { _module.check = outer.mkForce false; } ]; };
        inherit ((documented [ ])._module) freeformType;
        definitionModule = def:
          if isAttrs def.value && shorthandOnlyDefinesConfig then { _file = def.file; config = def.value; }
          else lib.modules.setDefaultModuleLocation def.file def.value;
        name = "submodule";
      in
      mkOptionType {
        inherit name;
        description =
          if description != null then description
          else if freeformType != null then "open ${name} of ${phrase (class: class == "noun" || class == "composite") freeformType}"
          else name;
        check = x: isAttrs x || isFunction x || path.check x;
        merge = loc: defs:
          (base.extendModules {
            modules = [ { _module.args.name = last loc; } ] ++ map definitionModule defs;
            prefix = loc;
          }).config;
        emptyValue = { value = base.config; };
        getSubOptions = prefix:
          let
            docs = documented prefix;
          in
          docs.options
          // optionalAttrs (docs._module.freeformType != null) {
            # A name that no option has, to hold the options of the free form.
            _freeformOptions = docs._module.freeformType.getSubOptions prefix;
          };
        getSubModules = modules;
        substSubModules = m: submoduleWith (attrs // { modules = m; });
        nestedTypes = optionalAttrs (freeformType != null) { inherit freeformType; };
        functor = defaultFunctor name // {
          type = submoduleWith;
          payload = { inherit modules class specialArgs shorthandOnlyDefinesConfig description; };
          binOp = a: b: {
            modules = a.modules ++ b.modules;
            class =
              if a.class == null then b.class
              else if b.class == null || a.class == b.class then a.class
              else throw "A submoduleWith option is declared multiple times with conflicting class values \"${a.class}\" and \"${b.class}\".";
            specialArgs =
              let
                both = builtins.intersectAttrs a.specialArgs b.specialArgs;
              in
              if both == { } then a.specialArgs // b.specialArgs
              else throw "A submoduleWith option is declared multiple times with the same specialArgs \"${toString (attrNames both)}\"";
            shorthandOnlyDefinesConfig =
              if a.shorthandOnlyDefinesConfig == null then b.shorthandOnlyDefinesConfig
              else if b.shorthandOnlyDefinesConfig == null || a.shorthandOnlyDefinesConfig == b.shorthandOnlyDefinesConfig then a.shorthandOnlyDefinesConfig
              else throw "A submoduleWith option is declared multiple times with conflicting shorthandOnlyDefinesConfig values";
            description =
              if a.description == null then b.description
              else if b.description == null || a.description == b.description then a.description
              else throw "A submoduleWith option is declared multiple times with conflicting descriptions";
          };
        };
      };

    # A module that is used elsewhere: definitions are collected as its imports.
    deferredModule = deferredModuleWith { };
    deferredModuleWith = { staticModules ? [ ] }: mkOptionType {
      name = "deferredModule";
      description = "module";
      descriptionClass = "noun";
      check = x: isAttrs x || isFunction x || path.check x;
      merge = loc: defs: {
        imports = staticModules
          ++ map (def: lib.modules.setDefaultModuleLocation "${def.file}, via option ${showOption loc}" def.value) defs;
      };
      inherit (submoduleWith { modules = staticModules; }) getSubOptions getSubModules;
      substSubModules = m: deferredModuleWith { staticModules = m; };
      functor = defaultFunctor "deferredModuleWith" // {
        type = deferredModuleWith;
        payload = { inherit staticModules; };
        binOp = a: b: { staticModules = unique' (a.staticModules ++ b.staticModules); };
      };
    };

  };

  unique' = outer.unique;
in
types
