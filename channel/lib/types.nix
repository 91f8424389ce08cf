# Types of options: what a definition must be, and how several become one value.
#
# A type is a set { name, description, check, merge, … }. Its `functor` says how two declarations of one option become
# one type: types of the same name are made anew from what `binOp` makes of both payloads. Most types here are built
# by `scalar` (a test and nothing else) or `around` (a type with another inside). nixpkgs' manual, "Options Types".
{ lib }:
let
  inherit (builtins) all any attrNames elem head isAttrs isBool isFloat isInt isList isPath isString length mapAttrs match typeOf;
  inherit (lib.modules) mergeDefinitions fixupOptionType mergeOptionDecls;
  inherit (lib.options) getFiles getValues mergeDefaultOption mergeEqualOption mergeOneOption mergeUniqueOption mkOption showOption;

  ## Describing

  # A description, in parentheses where its class does not fit into the sentence.
  inSentence = classes: t: if elem (t.descriptionClass or null) classes then t.description else "(${t.description})";
  optionDescriptionPhrase = fits: t: if fits (t.descriptionClass or null) then t.description else "(${t.description})";
  asNoun = inSentence [ "noun" ];
  asElement = inSentence [ "noun" "composite" ];
  asChoice = inSentence [ "noun" "conjunction" ];
  inFiles = defs: lib.showFiles (getFiles defs);

  ## Building

  isType = kind: x: x._type or "" == kind;
  setType = kind: x: x // { _type = kind; };

  defaultFunctor = name: {
    inherit name;
    type = types.${name} or null;
    payload = null;
    wrapped = null;
    binOp = _: _: null;
  };

  # null: the two do not go together.
  defaultTypeMerge = mine: other:
    let
      both = what: mine.${what} != null && other.${what} != null;
      neither = what: mine.${what} == null && other.${what} == null;
      rebuild = part: if part == null then null else mine.type part;
    in
    if mine.name != other.name then null
    else if both "payload" then rebuild (mine.binOp mine.payload other.payload)
    else if !(neither "payload") then null
    else if both "wrapped" then rebuild (mine.wrapped.typeMerge other.wrapped.functor)
    else if neither "wrapped" then mine.type
    else null;

  mkOptionType =
    { name
    , description ? name
      # "noun", "conjunction", "composite" or "nonRestrictiveClause"
    , descriptionClass ? null
    , check ? _: true
      # place -> [ { file, value } ] -> value
    , merge ? mergeDefaultOption
      # { value = …; } for types that make something of no definitions at all
    , emptyValue ? { }
      # For documentation: prefix -> options below
    , getSubOptions ? _: { }
      # The modules inside, and the type with other modules
    , getSubModules ? null
    , substSubModules ? _: null
    , functor ? defaultFunctor name
    , typeMerge ? defaultTypeMerge functor
    , deprecationMessage ? null
    , nestedTypes ? { }
    }: {
      _type = "option-type";
      description = if description == null then name else description;
      inherit
        name descriptionClass check merge emptyValue getSubOptions getSubModules substSubModules functor typeMerge
        deprecationMessage nestedTypes;
    };

  # Several definitions must be the same.
  scalar = name: description: check:
    mkOptionType { inherit name description check; descriptionClass = "noun"; merge = mergeEqualOption; };

  # A type that is rebuilt from a payload; `join` says what two payloads make, null for nothing.
  rebuilt = name: build: payload: join:
    defaultFunctor name // { inherit payload; type = build; binOp = join; };
  same = a: b: if a == b then a else null;

  # A type with another inside, made by `build`; `at` is what its place adds to the path in documentation.
  around = name: build: inner: at: attrs:
    mkOptionType ({
      inherit name;
      inherit (inner) getSubModules;
      getSubOptions = prefix: inner.getSubOptions (prefix ++ at);
      substSubModules = modules: build (inner.substSubModules modules);
      nestedTypes.elemType = inner;
      functor = rebuilt name (p: build p.elemType) { elemType = inner; } joinInner // { wrapped = inner; };
    } // attrs);
  joinInner = a: b:
    let
      inner = a.elemType.typeMerge b.elemType.functor;
    in
    if inner == null then null else a // { elemType = inner; };

  addCheck = type: more: type // { check = x: type.check x && more x; };
  # A narrower type under another name.
  narrowed = type: name: description: descriptionClass: more:
    addCheck type more // { inherit name description descriptionClass; };

  # One definition of an element, at its own place.
  element = loc: type: file: value: mergeDefinitions loc type [ { inherit file value; } ];
  # Definitions of a set -> set of lists of definitions.
  byName = defs: lib.zipAttrsWith (_: values: values)
    (map (def: mapAttrs (_: value: { inherit (def) file; inherit value; }) def.value) defs);

  int = scalar "int" "signed integer" isInt;
  str = scalar "str" "string" isString;

  inclusive = from: to: "${toString from} and ${toString to} (both inclusive)";
  integerOf = kind: bits: from: to:
    narrowed int "${kind}Int${toString bits}" "${toString bits} bit ${kind} integer; between ${inclusive from to}" "noun"
      (x: from <= x && x <= to);
  boundsInOrder = who: from: to: lib.assertMsg (from <= to) "${who}: the first bound is above the second";

  separatedBy = sep: mkOptionType {
    name = "separatedString";
    description = if sep == "" then "Concatenated string" else "strings concatenated with ${builtins.toJSON sep}";
    descriptionClass = "noun";
    check = isString;
    merge = _: defs: lib.concatStringsSep sep (getValues defs);
    functor = rebuilt "separatedString" (p: separatedBy p.sep) { inherit sep; } same;
  };

  # What may stand for a module.
  isModule = x: isAttrs x || lib.isFunction x || types.path.check x;

  types = rec {
    inherit isType setType defaultFunctor defaultTypeMerge mkOptionType optionDescriptionPhrase addCheck int str;
    isOptionType = isType "option-type";

    # Two types as the type of one option; a `merge-error` where they do not go together.
    mergeTypes = a: b:
      let
        joined = a.typeMerge b.functor;
      in
      if !(isOptionType a && isOptionType b) then throw "lib.types.mergeTypes takes two option types"
      else if joined == null then setType "merge-error" { error = "the types `${a.description}' and `${b.description}' do not go together"; }
      else joined;

    ## Anything

    raw = mkOptionType { name = "raw"; description = "raw value"; descriptionClass = "noun"; merge = mergeOneOption; };
    unspecified = mkOptionType { name = "unspecified"; description = "unspecified value"; descriptionClass = "noun"; };

    # Merged as the values suggest: sets by name, functions by what they give, all else must be the same.
    anything = mkOptionType {
      name = "anything";
      descriptionClass = "noun";
      merge = loc: defs:
        let
          kind = def: if isAttrs def.value && lib.isStringLike def.value then "text" else typeOf def.value;
          first = kind (head defs);
        in
        if any (def: kind def != first) defs then
          throw "The option `${showOption loc}' has definitions of different types, in ${inFiles defs}"
        else if first == "set" then (attrsOf anything).merge loc defs
        else if first == "text" then mergeOneOption loc defs
        else if first == "lambda" then
          (x: anything.merge (loc ++ [ "<function body>" ]) (map (def: def // { value = def.value x; }) defs))
        else mergeEqualOption loc defs;
    };

    ## Scalars

    bool = scalar "bool" "boolean" isBool;
    boolByOr = bool // { name = "boolByOr"; description = "boolean (merged using or)"; merge = _: defs: any lib.id (getValues defs); functor = defaultFunctor "boolByOr"; typeMerge = defaultTypeMerge (defaultFunctor "boolByOr"); };

    float = scalar "float" "floating point number" isFloat;
    number = either int float;

    ints = {
      between = from: to:
        assert boundsInOrder "ints.between" from to;
        narrowed int "intBetween" "integer between ${inclusive from to}" "noun" (x: from <= x && x <= to);
      positive = narrowed int "positiveInt" "positive integer, meaning >0" "nonRestrictiveClause" (x: x > 0);
      unsigned = narrowed int "unsignedInt" "unsigned integer, meaning >=0" "nonRestrictiveClause" (x: x >= 0);
      u8 = integerOf "unsigned" 8 0 255;
      u16 = integerOf "unsigned" 16 0 65535;
      u32 = integerOf "unsigned" 32 0 4294967295;
      s8 = integerOf "signed" 8 (-128) 127;
      s16 = integerOf "signed" 16 (-32768) 32767;
      s32 = integerOf "signed" 32 (-2147483648) 2147483647;
    };
    port = ints.u16;

    numbers =
      let
        kind = what: sign: test: narrowed number "number${what}" "${sign}, meaning ${test}" "nonRestrictiveClause";
      in
      {
        between = from: to:
          assert boundsInOrder "numbers.between" from to;
          narrowed number "numberBetween" "integer or floating point number between ${inclusive from to}" "noun"
            (x: from <= x && x <= to);
        nonnegative = kind "Nonnegative" "nonnegative integer or floating point number" ">=0" (x: x >= 0);
        positive = kind "Positive" "positive integer or floating point number" ">0" (x: x > 0);
      };

    ## Strings

    nonEmptyStr = scalar "nonEmptyStr" "non-empty string" (x: isString x && match "[ \t\n]*" x == null);
    singleLineStr = scalar "singleLineStr" "(optionally newline-terminated) single-line string"
      (x: isString x && match "[^\n\r]*\n?" x != null)
    // { merge = loc: defs: lib.removeSuffix "\n" (mergeEqualOption loc defs); };
    strMatching = pattern: scalar "strMatching ${lib.strings.escapeNixString pattern}" "string matching the pattern ${pattern}"
      (x: isString x && match pattern x != null)
    // rec {
      functor = rebuilt "strMatching" (p: strMatching p.pattern) { inherit pattern; } same;
      typeMerge = defaultTypeMerge functor;
    };
    separatedString = separatedBy;
    lines = separatedBy "\n";
    commas = separatedBy ",";
    envVar = separatedBy ":";
    string = separatedBy "" // { name = "string"; deprecationMessage = "Say `types.str`, or one of the types of separated strings."; };
    passwdEntry = type:
      narrowed type "passwdEntry ${type.name}" "${asNoun type}, not containing newlines or colons" "nonRestrictiveClause"
        (x: match "[^:\n]*" x != null);

    ## Things

    attrs = mkOptionType {
      name = "attrs";
      description = "attribute set";
      check = isAttrs;
      merge = _: defs: lib.foldl' lib.mergeAttrs { } (getValues defs);
      emptyValue.value = { };
    };

    # A path in the store without context has been written out by hand: it becomes a derivation.
    package = mkOptionType {
      name = "package";
      descriptionClass = "noun";
      check = x: lib.isDerivation x || lib.isStorePath x;
      merge = loc: defs:
        let
          only = mergeOneOption loc defs;
          bare = isPath only || isString only && !(builtins.hasContext only);
        in
        if bare then lib.toDerivation only else only;
    };
    shellPackage = package // { check = x: lib.isDerivation x && x ? shellPath; };
    pkgs = narrowed (unique { message = "Two package sets cannot be merged."; } attrs) "pkgs" "Nixpkgs package set" "noun"
      (x: x._type or null == "pkgs");

    pathWith = { inStore ? null, absolute ? null }:
      let
        words = [
          (if absolute == null then "" else if absolute then "absolute " else "relative ")
          "path"
          (if inStore == null then "" else if inStore then " in the Nix store" else " not in the Nix store")
        ];
        store = builtins.storeDir + "/";
        isAbsolute = x: lib.hasPrefix "/" (toString x);
        # A path literal is copied there when it is used. Links of the store's own are no store objects.
        isInStore = x: isPath x || lib.hasPrefix store (toString x) && match "(\\.links(/.*)?)?" (lib.removePrefix store (toString x)) == null;
        as = wanted: test: x: wanted == null || test x == wanted;
        name = if absolute == true && inStore == null then "path" else "pathWith";
      in
      if inStore != null && absolute == false then throw "In pathWith, inStore means the path must be absolute"
      else
        mkOptionType {
          inherit name;
          description = lib.concatStrings words;
          descriptionClass = "noun";
          check = x: lib.isStringLike x && as inStore isInStore x && as absolute isAbsolute x;
          merge = mergeEqualOption;
          functor = rebuilt name pathWith { inherit inStore absolute; } same;
        };
    path = pathWith { absolute = true; };
    pathInStore = pathWith { inStore = true; };
    externalPath = pathWith { absolute = true; inStore = false; };

    fileset = mkOptionType {
      name = "fileset";
      descriptionClass = "noun";
      check = x: isPath x || lib.fileset.isFileset x;
      merge = _: defs: lib.fileset.unions (getValues defs);
      emptyValue.value = lib.fileset.empty;
    };

    luaInline = scalar "luaInline" "inline lua" (isType "lua-inline");

    optionDeclaration = mkOptionType {
      name = "optionDeclaration";
      description = "option declaration";
      descriptionClass = "noun";
      check = x: lib.isOption x && !(x ? value);
    };

    # Types as values: several merge as the types of an option that is declared several times.
    optionType = mkOptionType {
      name = "optionType";
      descriptionClass = "noun";
      check = isType "option-type";
      merge = loc: defs:
        let
          declare = def: { _file = def.file; options = mkOption { type = def.value; }; };
        in
        if length defs == 1 then (head defs).value
        else (fixupOptionType loc (mergeOptionDecls loc (map declare defs))).type;
    };

    # What can be written as JSON and its like.
    serializableValueWith = { typeName, nullable ? true }:
      let
        plain = oneOf [ bool int float str path (attrsOf value) (listOf value) ];
        value = (if nullable then nullOr plain else plain) // { description = "${typeName} value"; descriptionClass = "noun"; };
      in
      value;

    json = serializableValueWith { typeName = "JSON"; };
    toml = serializableValueWith { typeName = "TOML"; nullable = false; };

    ## Lists and sets

    listOf = inner: around "listOf" listOf inner [ "*" ] {
      description = "list of ${asElement inner}";
      descriptionClass = "composite";
      check = isList;
      emptyValue.value = [ ];
      merge = loc: defs:
        let
          place = n: m: loc ++ [ "[definition ${toString n}-entry ${toString m}]" ];
          entries = lib.imap1 (n: def: lib.imap1 (m: x: (element (place n m) inner def.file x).optionalValue) def.value) defs;
        in
        lib.catAttrs "value" (lib.concatLists entries);
    };
    nonEmptyListOf = inner:
      let
        list = listOf inner;
      in
      addCheck list (l: l != [ ]) // {
        description = "non-empty ${asNoun list}";
        emptyValue = { };
        substSubModules = modules: nonEmptyListOf (inner.substSubModules modules);
      };

    attrsOf = elemType: attrsWith { inherit elemType; };
    lazyAttrsOf = elemType: attrsWith { inherit elemType; lazy = true; };
    # With `lazy`, names are known without values; so a value that turns out to be undefined is still there.
    attrsWith = { elemType, lazy ? false, placeholder ? "name" }:
      let
        build = inner: attrsWith { elemType = inner; inherit lazy placeholder; };
        merged = loc: defs: mapAttrs (name: mergeDefinitions (loc ++ [ name ]) elemType) (byName defs);
        placeholders = a: b: if a == "name" || a == b then b else if b == "name" then a else null;
      in
      around (if lazy then "lazyAttrsOf" else "attrsOf") build elemType [ "<${placeholder}>" ] {
        description = "${lib.optionalString lazy "lazy "}attribute set of ${asElement elemType}";
        descriptionClass = "composite";
        check = isAttrs;
        emptyValue.value = { };
        merge = loc: defs:
          if lazy then mapAttrs (_: m: m.optionalValue.value or elemType.emptyValue.value or m.mergedValue) (merged loc defs)
          else mapAttrs (_: m: m.mergedValue) (lib.filterAttrs (_: m: m.isDefined) (merged loc defs));
        functor = rebuilt "attrsWith" attrsWith { inherit elemType lazy placeholder; } (a: b:
          let
            inner = joinInner a b;
            name = placeholders a.placeholder b.placeholder;
          in
          if inner == null || name == null || a.lazy != b.lazy then null else inner // { placeholder = name; })
        // { wrapped = elemType; };
      };
    loaOf = type: attrsOf type // { name = "loaOf"; deprecationMessage = "Lists are no longer taken: say `types.attrsOf`."; };

    # One attribute of several: { tag = value; }. Each tag is an option.
    attrTag = tags:
      let
        names = lib.concatMapStringsSep ", " lib.strings.escapeNixIdentifier (attrNames tags);
        bad = name: tag:
          if isType "option-type" tag then "In attrTag, each tag value must be an option, but tag ${name} was a bare type, not wrapped in mkOption."
          else "In attrTag, each tag value must be an option, but tag ${name} was ${if tag ? _type then "of type ${builtins.toJSON tag._type}" else "not"}.";
        declaredTag = options: {
          _file = head (options.declarations ++ [ "attrTag" ]);
          pos = head (options.declarationPositions ++ [ null ]);
          inherit options;
        };
        options = mapAttrs
          (name: tag:
            let
              positions = lib.remove null [ (builtins.unsafeGetAttrPos name tags) ];
            in
            if lib.isOption tag then { declarations = map (p: p.file) positions; declarationPositions = positions; } // tag
            else throw (bad (lib.strings.escapeNixIdentifier name) tag))
          tags;
      in
      mkOptionType {
        name = "attrTag";
        description = "attribute-tagged union with choices: ${names}";
        descriptionClass = "noun";
        check = x: isAttrs x && map (name: options ? ${name}) (attrNames x) == [ true ];
        getSubOptions = prefix: mapAttrs (name: tag: tag // { loc = prefix ++ [ name ]; }) options;
        nestedTypes = mapAttrs (_: tag: tag.type) tags;
        merge = loc: defs:
          let
            tagOf = def: head (attrNames def.value);
            tag = tagOf (head defs);
            other = lib.findFirst (def: tagOf def != tag) null defs;
            here = loc ++ [ tag ];
          in
          if other != null then
            throw "The option `${showOption loc}` is defined both as `${tag}` and `${tagOf other}`, in ${inFiles defs}."
          else {
            ${tag} = (lib.modules.evalOptionValue here (options.${tag} // { loc = here; })
              (map (def: def // { value = def.value.${tag}; }) defs)).value;
          };
        functor = rebuilt "attrTag" (p: attrTag p.tags) { tags = options; } (a: b: {
          tags = a.tags // mapAttrs
            (name: tag:
              if !(a.tags ? ${name}) then tag
              else mergeOptionDecls [ name ] (map declaredTag [ a.tags.${name} tag ]))
            b.tags;
        });
      };

    ## One definition alone

    unique = { message }@reason: inner: around "unique" (unique reason) inner [ ] {
      inherit (inner) description descriptionClass check emptyValue;
      merge = mergeUniqueOption (reason // { inherit (inner) merge; });
    };
    uniq = unique { message = ""; };

    ## Alternatives

    nullOr = inner: around "nullOr" nullOr inner [ ] {
      description = "null or ${asChoice inner}";
      descriptionClass = "conjunction";
      check = x: x == null || inner.check x;
      emptyValue.value = null;
      merge = loc: defs:
        let
          sorted = lib.partition (def: def.value == null) defs;
        in
        if sorted.wrong == [ ] then null
        else if sorted.right == [ ] then inner.merge loc defs
        else throw "The option `${showOption loc}` is defined both null and not null, in ${inFiles defs}.";
    };

    enum = values:
      let
        show = v: if isString v then "\"${v}\"" else if isBool v then lib.boolToString v else if isInt v then toString v else "<${typeOf v}>";
        several = length values > 1;
      in
      mkOptionType {
        name = "enum";
        description =
          if values == [ ] then "impossible (empty enum)"
          else if several then "one of ${lib.concatMapStringsSep ", " show values}"
          else "value ${show (head values)} (singular enum)";
        descriptionClass = if several then "conjunction" else "noun";
        check = x: elem x values;
        merge = mergeEqualOption;
        functor = rebuilt "enum" (p: enum p.values) { inherit values; } (a: b: { values = lib.unique (a.values ++ b.values); });
      };

    either = left: right:
      let
        pair = [ left right ];
        first = inSentence [ "noun" "conjunction" ] left;
        # The comma that the first part's clause ends with.
        comma = left.descriptionClass or null == "nonRestrictiveClause";
      in
      mkOptionType {
        name = "either";
        description =
          if comma then "${left.description}, or ${asChoice right}"
          else "${first} or ${inSentence [ "noun" "conjunction" "composite" ] right}";
        descriptionClass = "conjunction";
        check = x: left.check x || right.check x;
        merge = loc: defs:
          let
            fitting = lib.findFirst (type: all (def: type.check def.value) defs) null pair;
          in
          if fitting == null then mergeOneOption loc defs else fitting.merge loc defs;
        functor = rebuilt "either" (p: either (head p.elemType) (lib.last p.elemType)) { elemType = pair; } (a: b:
          let
            joined = lib.zipListsWith (x: y: x.typeMerge y.functor) a.elemType b.elemType;
          in
          if elem null joined then null else { elemType = joined; })
        // { wrapped = pair; };
        nestedTypes = { inherit left right; };
      };
    oneOf = choices:
      if choices == [ ] then throw "types.oneOf needs at least one type"
      else lib.foldl' either (head choices) (lib.tail choices);

    coercedTo = from: coerce: to:
      let
        coerced = x: if from.check x then coerce x else x;
      in
      assert lib.assertMsg (from.getSubModules == null) "coercedTo: the type to convert from has submodules: ${from.description}";
      mkOptionType {
        name = "coercedTo";
        description = "${asNoun to} or ${asNoun from} convertible to it";
        check = x: to.check x || from.check x && to.check (coerce x);
        merge = loc: defs: to.merge loc (map (def: def // { value = coerced def.value; }) defs);
        inherit (to) emptyValue getSubOptions getSubModules;
        substSubModules = modules: coercedTo from coerce (to.substSubModules modules);
        functor = defaultFunctor "coercedTo" // { wrapped = to; };
        typeMerge = _: null;
        nestedTypes = { coercedType = from; finalType = to; };
      };

    ## Functions and modules

    functionTo = inner: around "functionTo" functionTo inner [ "<function body>" ] {
      description = "function that evaluates to a(n) ${asElement inner}";
      descriptionClass = "composite";
      check = lib.isFunction;
      merge = loc: defs:
        let
          declared = lib.zipAttrsWith (_: all lib.id) (map (def: lib.functionArgs def.value) defs);
          call = x: (mergeDefinitions (loc ++ [ "<function body>" ]) inner (map (def: def // { value = def.value x; }) defs)).mergedValue;
        in
        lib.setFunctionArgs call declared;
    };

    submodule = modules: submoduleWith { modules = lib.toList modules; shorthandOnlyDefinesConfig = true; };

    submoduleWith = { modules, specialArgs ? { }, shorthandOnlyDefinesConfig ? false, description ? null, class ? null }@given:
      let
        # Without definitions: options, and what else can be known beforehand.
        base = lib.evalModules {
          inherit class specialArgs;
          modules = modules ++ [ { _module.args.name = lib.mkOptionDefault "‹name›"; } ];
        };
        # Where documentation is made, definitions are lacking: nothing is checked.
        unchecked = prefix: base.extendModules { inherit prefix; modules = [ { _module.check = lib.mkForce false; } ]; };
        open = (unchecked [ ])._module.freeformType;
        asModule = def:
          if shorthandOnlyDefinesConfig == true && isAttrs def.value then { _file = def.file; config = def.value; }
          else lib.modules.setDefaultModuleLocation def.file def.value;
        # Attributes of two declarations: one may leave out what the other says.
        agree = what: a: b:
          if a.${what} == null || a.${what} == b.${what} then b.${what}
          else if b.${what} == null then a.${what}
          else throw "A submoduleWith option is declared with two values of `${what}'.";
      in
      mkOptionType {
        name = "submodule";
        description =
          if description != null then description
          else if open == null then "submodule"
          else "open submodule of ${asElement open}";
        check = isModule;
        emptyValue.value = base.config;
        merge = loc: defs:
          (base.extendModules {
            prefix = loc;
            modules = [ { _module.args.name = lib.last loc; } ] ++ map asModule defs;
          }).config;
        getSubModules = modules;
        substSubModules = modules: submoduleWith (given // { inherit modules; });
        getSubOptions = prefix:
          let
            docs = unchecked prefix;
            free = docs._module.freeformType;
          in
          docs.options // lib.optionalAttrs (free != null) { _freeformOptions = free.getSubOptions prefix; };
        nestedTypes = lib.optionalAttrs (open != null) { freeformType = open; };
        functor = rebuilt "submodule" submoduleWith
          { inherit modules specialArgs shorthandOnlyDefinesConfig description class; }
          (a: b: {
            modules = a.modules ++ b.modules;
            class = agree "class" a b;
            description = agree "description" a b;
            shorthandOnlyDefinesConfig = agree "shorthandOnlyDefinesConfig" a b;
            specialArgs = lib.foldl'
              (args: name: if args ? ${name} then throw "A submoduleWith option is declared multiple times with the same specialArgs \"${name}\"" else args // { ${name} = b.specialArgs.${name}; })
              a.specialArgs
              (attrNames b.specialArgs);
          });
      };

    # A module that is used elsewhere: its definitions become imports.
    deferredModuleWith = { staticModules ? [ ] }: mkOptionType {
      name = "deferredModule";
      description = "module";
      descriptionClass = "noun";
      check = isModule;
      merge = loc: defs:
        let
          named = def: lib.modules.setDefaultModuleLocation "${def.file}, via option ${showOption loc}" def.value;
        in
        { imports = staticModules ++ map named defs; };
      inherit (submoduleWith { modules = staticModules; }) getSubOptions getSubModules;
      substSubModules = modules: deferredModuleWith { staticModules = modules; };
      functor = rebuilt "deferredModuleWith" deferredModuleWith { inherit staticModules; }
        (a: b: { staticModules = lib.unique (a.staticModules ++ b.staticModules); });
    };
    deferredModule = deferredModuleWith { };
  };
in
types
