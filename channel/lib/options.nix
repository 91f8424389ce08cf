# Options of modules: declaring them, merging their definitions, showing and documenting them.
{ lib }:
let
  inherit (builtins) concatMap concatStringsSep filter head isAttrs isFunction isList isString length match;
  inherit (lib) concatMapStrings concatMapStringsSep optionalAttrs optionals optionalString take;

  inherit (lib.generators) toPretty;
in
rec {
  isOption = lib.isType "option";

  # { type, default, defaultText, example, description, apply, readOnly, internal, visible, relatedPackages }
  mkOption = { ... }@attrs: attrs // { _type = "option"; };

  mkEnableOption = name: mkOption {
    default = false;
    example = true;
    description = if name ? _type && name._type == "mdDoc" then lib.mdDoc "Whether to enable ${name.text}." else "Whether to enable ${name}.";
    type = lib.types.bool;
  };

  # pkgs -> name -> { default, example, nullable, extraDescription, pkgsText } -> option for a package.
  mkPackageOption = pkgs: name:
    { nullable ? false, default ? name, example ? null, extraDescription ? "", pkgsText ? "pkgs" }:
    let
      names = if isList name then name else [ name ];
      defaultPath = if isList default then default else [ default ];
      hasDefault = default != null;
      value = lib.attrByPath defaultPath (throw "${showOption defaultPath} cannot be found in ${pkgsText}") pkgs;
      text = path: literalExpression "${pkgsText}.${showOption path}";
      shown = lib.last names;
    in
    mkOption ({
      type = (if nullable then lib.types.nullOr else lib.id) lib.types.package;
      description = "The ${shown} package to use.${if extraDescription == "" then "" else " "}${extraDescription}";
    }
    // (if hasDefault then { default = value; defaultText = text defaultPath; }
        else optionalAttrs nullable { default = null; })
    // optionalAttrs (example != null) {
      example = if isList example then text example else literalExpression example;
    });

  # Takes every definition that nobody asks for.
  mkSinkUndeclaredOptions = attrs: mkOption ({
    internal = true;
    visible = false;
    default = false;
    description = "Sink for option definitions.";
    type = lib.mkOptionType {
      name = "sink";
      check = _: true;
      merge = _: _: false;
    };
    apply = _: throw "Option value is not readable because the option is not declared.";
  } // attrs);

  ## Merging definitions [ { file, value } ] at a place

  mergeDefaultOption = loc: defs:
    let
      list = getValues defs;
    in
    if length list == 1 then head list
    else if builtins.all isFunction list then (x: mergeDefaultOption loc (map (f: f x) list))
    else if builtins.all isList list then builtins.concatLists list
    else if builtins.all isAttrs list then lib.foldl' lib.mergeAttrs { } list
    else if builtins.all builtins.isBool list then lib.foldl' lib.or false list
    else if builtins.all isString list then lib.concatStrings list
    else if builtins.all builtins.isInt list && builtins.all (x: x == head list) list then head list
    else throw "Cannot merge definitions of `${showOption loc}'. Definition values:${showDefs defs}";

  mergeOneOption = mergeUniqueOption { message = ""; };

  mergeUniqueOption = { message, merge ? null }: loc: defs:
    if length defs == 1 then (if merge == null then (head defs).value else merge loc defs)
    else
      assert length defs > 1;
      throw "The option `${showOption loc}' is defined multiple times while it's expected to be unique.\n${message}\nDefinition values:${showDefs defs}\n${prioritySuggestion}";

  # Several definitions, all the same. Functions cannot be compared.
  mergeEqualOption = loc: defs:
    if defs == [ ] then abort "This case should never happen."
    else if length defs == 1 then (head defs).value
    else
      (lib.foldl'
        (first: def:
          if def.value != first.value then
            throw "The option `${showOption loc}' has conflicting definition values:${showDefs [ first def ]}\n${prioritySuggestion}"
          else
            first)
        (head defs)
        (builtins.tail defs)).value;

  prioritySuggestion = "Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";

  getValues = map (def: def.value);
  getFiles = map (def: def.file);

  ## Documentation

  optionAttrSetToDocList = optionAttrSetToDocList' [ ];
  optionAttrSetToDocList' = _: options:
    concatMap
      (opt:
        let
          name = showOption opt.loc;
          # Submodules show the defaults of their own options instead.
          hasEmptyValue = (opt.type.emptyValue or { }) ? value && opt.type.getSubModules or null == null;
          visible = opt.visible or true;
          doc = {
            loc = opt.loc;
            inherit name;
            description = opt.description or null;
            declarations = filter (x: x != unknownModule) opt.declarations;
            internal = opt.internal or false;
            visible = if builtins.isBool visible then visible else visible == "shallow";
            readOnly = opt.readOnly or false;
            type = opt.type.description or "unspecified";
          }
          // optionalAttrs (opt ? example) {
            example = builtins.addErrorContext "while evaluating the example of option `${name}`" (renderOptionValue opt.example);
          }
          // optionalAttrs (opt ? defaultText || opt ? default || hasEmptyValue) {
            default = builtins.addErrorContext "while evaluating the ${if opt ? defaultText then "defaultText" else "default value"} of option `${name}`"
              (renderOptionValue (opt.defaultText or opt.default or opt.type.emptyValue.value));
          }
          // optionalAttrs (opt ? relatedPackages && opt.relatedPackages != null) { inherit (opt) relatedPackages; };
          below =
            let
              subs = opt.type.getSubOptions opt.loc;
            in
            if subs != { } then optionAttrSetToDocList' opt.loc subs else [ ];
          showBelow = visible == true || visible == "transparent";
        in
        [ doc ] ++ optionals showBelow below)
      (lib.collect isOption options);

  # What cannot be shown as data becomes its text.
  scrubOptionValue = x:
    if lib.isDerivation x then { type = "derivation"; drvPath = x.name; outPath = x.name; name = x.name; }
    else if isList x then map scrubOptionValue x
    else if isAttrs x then lib.mapAttrs (_: scrubOptionValue) (removeAttrs x [ "_args" ])
    else x;

  renderOptionValue = v:
    if v ? _type && v ? text then v
    else literalExpression (toPretty { multiline = true; allowPrettyValues = true; } v);

  literalExpression = text:
    if !isString text then throw "literalExpression expects a string." else { _type = "literalExpression"; inherit text; };
  literalExample = literalExpression;
  literalMD = text:
    if !isString text then throw "literalMD expects a string." else { _type = "literalMD"; inherit text; };
  literalCode = languageTag: text: literalMD "```${languageTag}\n${text}\n```";
  mdDoc = text: { _type = "mdDoc"; inherit text; };

  ## Showing

  # [ "a" "b.c" ] -> a."b.c"; placeholders like <name> stay.
  showOption = parts:
    let
      show = part:
        if match "<.*>|\\*" part != null then part else lib.strings.escapeNixIdentifier part;
    in
    concatStringsSep "." (map show parts);

  showFiles = files: concatStringsSep " and " (map (f: "`${f}'") files);

  showDefs = defs: concatMapStrings
    (def:
      let
        pretty = toPretty { } (lib.generators.withRecursion { depthLimit = 10; throwOnDepthLimit = false; } def.value);
        tried = builtins.tryEval pretty;
        lines = lib.splitString "\n" tried.value;
        firstFive = concatStringsSep "\n    " (take 5 lines);
        ellipsis = optionalString (length lines > 5) "\n    ...";
        result =
          if !tried.success then ""
          else if length lines > 1 then ":\n    " + firstFive + ellipsis
          else ": " + tried.value;
      in
      "\n- In `${def.file}'${result}")
    defs;

  showOptionWithDefLocs = opt: ''
    ${showOption opt.loc}, with values defined in:
    ${concatMapStringsSep "\n" (defFile: "  - ${defFile}") opt.files}
  '';

  showAttrPath = lib.showAttrPath;
  unknownModule = "<unknown-file>";
}
