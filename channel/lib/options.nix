# Options of modules: declaring them, merging their definitions, showing and documenting them.
{ lib }:
let
  inherit (builtins) all elem head isAttrs isList isString length match;
  inherit (lib) mapAttrs optionalAttrs types;

  text = kind: who: value: if isString value then { _type = kind; text = value; } else throw "${who} takes a string";

  hint = "Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";
  conflict = what: defs: throw "${what}${showDefs defs}\n${hint}";
  at = loc: "The option `${lib.showOption loc}'";

  # A value in a few lines, as errors show it; nothing where it cannot be evaluated.
  summary = value:
    let
      cut = lib.generators.withRecursion { depthLimit = 10; throwOnDepthLimit = false; } value;
      tried = builtins.tryEval (lib.generators.toPretty { } cut);
      all = lib.splitString "\n" tried.value;
      some = lib.take 5 all ++ lib.optional (length all > 5) "...";
    in
    if !tried.success then ""
    else if length all == 1 then ": ${tried.value}"
    else ":\n    ${lib.concatStringsSep "\n    " some}";

  showDefs = lib.concatMapStrings (def: "\n- In `${def.file}'${summary def.value}");
in
rec {
  inherit showDefs;
  isOption = lib.isType "option";

  # { type, default, defaultText, example, description, apply, readOnly, internal, visible, relatedPackages }
  mkOption = { ... }@option: option // { _type = "option"; };

  mkEnableOption = what: mkOption {
    type = types.bool;
    default = false;
    example = true;
    description = if what._type or null == "mdDoc" then mdDoc "Whether to enable ${what.text}." else "Whether to enable ${what}.";
  };

  # An option for a package, by its path in pkgs. default: another path, or null for none.
  mkPackageOption = pkgs: name:
    { default ? name, nullable ? false, example ? null, extraDescription ? "", pkgsText ? "pkgs" }:
    let
      path = lib.toList default;
      inPkgs = path: literalExpression "${pkgsText}.${showOption path}";
      found = lib.attrByPath path (throw "${showOption path} cannot be found in ${pkgsText}") pkgs;
      fallback =
        if default != null then { default = found; defaultText = inPkgs path; }
        else optionalAttrs nullable { default = null; };
      shown = optionalAttrs (example != null) {
        example = if isList example then inPkgs example else literalExpression example;
      };
      sentences = [ "The ${lib.last (lib.toList name)} package to use." ] ++ lib.optional (extraDescription != "") extraDescription;
    in
    mkOption (fallback // shown // {
      type = if nullable then types.nullOr types.package else types.package;
      description = lib.concatStringsSep " " sentences;
    });

  # Swallows definitions that nobody asks for.
  mkSinkUndeclaredOptions = option: mkOption ({
    type = lib.mkOptionType { name = "sink"; merge = _: _: false; };
    apply = _: throw "This option takes definitions and gives nothing: it is not declared anywhere.";
    description = "Takes definitions that nothing reads.";
    default = false;
    visible = false;
    internal = true;
  } // option);

  ## Merging: place -> [ { file, value } ] -> value

  getValues = lib.catAttrs "value";
  getFiles = lib.catAttrs "file";

  # By what the values are.
  mergeDefaultOption = loc: defs:
    let
      values = getValues defs;
      are = test: all test values;
    in
    if length values == 1 then head values
    else if are lib.isFunction then (x: mergeDefaultOption loc (map (def: def // { value = def.value x; }) defs))
    else if are isList then lib.concatLists values
    else if are isAttrs then lib.mergeAttrsList values
    else if are isString then lib.concatStrings values
    else if are builtins.isBool then lib.any lib.id values
    else if are builtins.isInt && are (x: x == head values) then head values
    else throw "Cannot merge definitions of `${showOption loc}'. Definition values:${showDefs defs}";

  mergeOneOption = mergeUniqueOption { message = ""; };
  mergeUniqueOption = { message, merge ? null }: loc: defs:
    if length defs > 1 then
      conflict "${at loc} is defined multiple times while it's expected to be unique.\n${message}\nDefinition values:" defs
    else if merge == null then (head defs).value
    else merge loc defs;

  mergeEqualOption = loc: defs:
    let
      first = head defs;
      # Only looked at when there are several: functions cannot be compared.
      other = lib.findFirst (def: def.value != first.value) null (lib.tail defs);
    in
    if other == null then first.value
    else conflict "${at loc} has conflicting definition values:" [ first other ];

  ## Documentation

  optionAttrSetToDocList = optionAttrSetToDocList' [ ];
  # options -> [ { name, loc, description, type, default, example, declarations, visible, internal, readOnly } ]
  optionAttrSetToDocList' = _: options: lib.concatMap documentation (lib.collect isOption options);

  documentation = opt:
    let
      name = showOption opt.loc;
      visible = opt.visible or true;
      type = opt.type or { };
      # What submodules are without definitions is told by their own options.
      byType = optionalAttrs ((type.getSubModules or null) == null) (type.emptyValue or { });
      rendered = attribute: what: value:
        { ${attribute} = builtins.addErrorContext "while evaluating the ${what} of option `${name}`" (renderOptionValue value); };
      own = {
        inherit name;
        inherit (opt) loc;
        description = opt.description or null;
        type = type.description or "unspecified";
        declarations = lib.remove unknownModule opt.declarations;
        visible = visible == true || visible == "shallow";
        internal = opt.internal or false;
        readOnly = opt.readOnly or false;
      }
      // (
        if opt ? defaultText then rendered "default" "defaultText" opt.defaultText
        else if opt ? default then rendered "default" "default value" opt.default
        else optionalAttrs (byType ? value) (rendered "default" "default value" byType.value)
      )
      // optionalAttrs (opt ? example) (rendered "example" "example" opt.example)
      // optionalAttrs (opt.relatedPackages or null != null) { inherit (opt) relatedPackages; };
      inside = type.getSubOptions opt.loc;
    in
    [ own ] ++ lib.optionals (elem visible [ true "transparent" ] && inside != { }) (optionAttrSetToDocList inside);

  # Derivations as their names: data without anything to build.
  scrubOptionValue = x:
    if lib.isDerivation x then { inherit (x) name; type = "derivation"; drvPath = x.name; outPath = x.name; }
    else if isAttrs x then mapAttrs (_: scrubOptionValue) (removeAttrs x [ "_args" ])
    else if isList x then map scrubOptionValue x
    else x;

  renderOptionValue = value:
    if value ? _type && value ? text then value
    else literalExpression (lib.generators.toPretty { allowPrettyValues = true; } value);

  literalExpression = text "literalExpression" "literalExpression";
  literalExample = literalExpression;
  literalMD = text "literalMD" "literalMD";
  literalCode = language: code: literalMD "```${language}\n${code}\n```";
  mdDoc = text "mdDoc" "mdDoc";

  ## Showing

  # [ "a" "b.c" "<name>" ] -> a."b.c".<name>
  showOption = lib.concatMapStringsSep "." (part:
    if match "<.*>|\\*" part == null then lib.strings.escapeNixIdentifier part else part);
  showFiles = lib.concatMapStringsSep " and " (file: "`${file}'");
  showOptionWithDefLocs = opt:
    "${showOption opt.loc}, with values defined in:\n${lib.concatMapStrings (file: "  - ${file}\n") opt.files}";

  unknownModule = "<unknown-file>";
}
