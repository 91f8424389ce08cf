# Values as configuration files and as source text of other languages.
{ lib }:
let
  inherit (builtins)
    concatStringsSep filter isAttrs isBool isFloat isInt isList isPath isString mapAttrs match replaceStrings split
    typeOf;
  inherit (lib)
    concatMapStrings concatMapStringsSep escape flatten isDerivation isFunction mapAttrsToList;
in
rec {
  ## Values and pairs

  # A scalar as most formats have it.
  mkValueStringDefault = { }: v:
    let
      fail = what: throw "generators.mkValueStringDefault: ${what} not supported: ${toPretty { } v}";
    in
    if isInt v then toString v
    else if isDerivation v then toString v
    else if isString v then v
    else if v == true then "true"
    else if v == false then "false"
    else if v == null then "null"
    else if isPath v then toString v
    else if isFloat v then lib.strings.floatToString v
    else if isList v then fail "lists"
    else if isAttrs v then fail "attrsets"
    else if isFunction v then fail "functions"
    else fail "this value is";

  # "key<sep>value", the separator escaped in the key.
  mkKeyValueDefault = { mkValueString ? mkValueStringDefault { } }: sep: k: v:
    "${escape [ sep ] k}${sep}${mkValueString v}";

  ## Files of pairs

  toKeyValue = { mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false, indent ? "" }:
    let
      line = k: v: indent + mkKeyValue k v + "\n";
      lines = if listsAsDuplicateKeys then k: v: concatMapStrings (line k) (lib.toList v) else line;
    in
    set: concatStringsSep "" (mapAttrsToList lines set);

  toINI = { mkSectionName ? (name: escape [ "[" "]" ] name), mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false }: sections:
    let
      section = name: values: "[${mkSectionName name}]\n" + toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } values;
    in
    concatStringsSep "\n" (mapAttrsToList section sections);

  toINIWithGlobalSection = { mkSectionName ? (name: escape [ "[" "]" ] name), mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false }@args:
    { globalSection, sections ? { } }:
    if globalSection == { } then toINI args sections
    else
      toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } globalSection
      + (if sections == { } then "" else "\n" + toINI args sections);

  # git's configuration: subsections in quotes, lists as repeated keys.
  toGitINI = attrs:
    let
      sectionName = path:
        let
          parts = lib.splitString "." path;
          section = builtins.head parts;
          sub = concatStringsSep "." (builtins.tail parts);
        in
        if builtins.length parts == 1 then section else "${section} \"${sub}\"";
      value = v: if isString v then "\"${replaceStrings [ "\\" "\"" "\n" "\t" "\b" ] [ "\\\\" "\\\"" "\\n" "\\t" "\\b" ] v}\"" else mkValueStringDefault { } v;
      mkKeyValue = k: v: "\t${mkKeyValueDefault { mkValueString = value; } " = " k v}";
      # Deeper sets belong to the section of their whole path.
      flat = path: set:
        let
          isSection = v: isAttrs v && !(isDerivation v);
          own = lib.filterAttrs (_: v: !(isSection v)) set;
          below = lib.filterAttrs (_: isSection) set;
        in
        (if own == { } || path == [ ] then { } else { ${concatStringsSep "." path} = own; })
        // lib.concatMapAttrs (name: v: flat (path ++ [ name ]) v) below;
      top = lib.filterAttrs (_: v: !(isAttrs v)) attrs;
    in
    toINI { mkSectionName = sectionName; inherit mkKeyValue; listsAsDuplicateKeys = true; } (flat [ ] attrs // top);

  mkDconfKeyValue = mkKeyValueDefault { mkValueString = v: toString (lib.gvariant.mkValue v); } "=";
  toDconfINI = toINI { mkKeyValue = mkDconfKeyValue; };

  toJSON = { }: builtins.toJSON;
  # JSON is YAML.
  toYAML = toJSON;

  ## Printing

  # Cuts a value off at a depth: to print what may be endless.
  withRecursion = { depthLimit, throwOnDepthLimit ? true }:
    assert isInt depthLimit;
    let
      special = [ "__functor" "__functionArgs" "__toString" "__pretty" ];
      cut = depth: v:
        if depth <= depthLimit then v
        else if throwOnDepthLimit then
          throw "generators.withRecursion: the value is nested deeper than ${toString depthLimit}"
        else "<unevaluated>";
      go = depth: v:
        let
          next = x: go (depth + 1) (cut (depth + 1) x);
        in
        if isAttrs v then mapAttrs (name: value: if builtins.elem name special then value else next value) v
        else if isList v then map next v
        else cut (depth + 1) v;
    in
    go 0;

  # A value as one would write it in Nix. With `allowPrettyValues`, a set { __pretty, val } prints itself.
  toPretty = { allowPrettyValues ? false, multiline ? true, indent ? "" }:
    let
      go = indent: v:
        let
          open = if multiline then "\n${indent}  " else " ";
          close = if multiline then "\n${indent}" else " ";
        in
        if isInt v then toString v
        else if isFloat v then builtins.toJSON v
        else if isString v then
          let
            lines = filter (x: !isList x) (split "\n" v);
            escapeSingle = escape [ "\"" "\\" ];
            escapeMulti = replaceStrings [ "\${" "''" ] [ "''\${" "'''" ];
            dollar = replaceStrings [ "\${" ] [ "\\\${" ];
            oneLine = "\"" + concatMapStringsSep "\\n" (l: dollar (escapeSingle l)) lines + "\"";
            severalLines =
              let
                inner = map escapeMulti (lib.init lines);
                end = escapeMulti (lib.last lines);
              in
              "''" + open + concatStringsSep open inner
              + (if end == "" then close else open + end) + "''";
          in
          if multiline && builtins.length lines > 1 then severalLines else oneLine
        else if v == true then "true"
        else if v == false then "false"
        else if v == null then "null"
        else if isPath v then toString v
        else if isList v then
          if v == [ ] then "[ ]"
          else "[" + open + concatMapStringsSep open (go (indent + "  ")) v + close + "]"
        else if isFunction v then
          let
            args = lib.functionArgs v;
            shown = concatStringsSep ", " (mapAttrsToList (name: hasDefault: if hasDefault then name + "?" else name) args);
          in
          if args == { } then "<function>" else "<function, args: {${shown}}>"
        else if isAttrs v then
          if allowPrettyValues && v ? __pretty && v ? val then v.__pretty v.val
          else if v == { } then "{ }"
          else if v.type or null == "derivation" then "<derivation ${v.name or "???"}>"
          else
            "{" + open
            + concatStringsSep open (mapAttrsToList
              (name: value: "${lib.strings.escapeNixIdentifier name} = ${builtins.addErrorContext "while evaluating an attribute `${name}`" (go (indent + "  ") value)};")
              v)
            + close + "}"
        else
          abort "generators.toPretty: a value of an unknown type";
    in
    go indent;

  ## Other languages

  # Apple's property lists.
  toPlist = { escape ? false }: v:
    let
      xml = if escape then lib.escapeXML else lib.id;
      go = ind: x:
        if x == null then ""
        else if isBool x then "${ind}${if x then "<true/>" else "<false/>"}"
        else if isInt x then "${ind}<integer>${toString x}</integer>"
        else if isString x then "${ind}<string>${xml x}</string>"
        else if isList x then
          concatStringsSep "\n" [ "${ind}<array>" (concatMapStringsSep "\n" (go "\t${ind}") x) "${ind}</array>" ]
        else if isAttrs x then
          concatStringsSep "\n" [
            "${ind}<dict>"
            (concatStringsSep "\n" (flatten (mapAttrsToList
              (name: value: lib.optional (value != null) "${ind}\t<key>${xml name}</key>\n${go "\t${ind}" value}")
              x)))
            "${ind}</dict>"
          ]
        else if isFloat x then "${ind}<real>${toString x}</real>"
        else if isPath x then "${ind}<string>${xml (toString x)}</string>"
        else abort "generators.toPlist: a value of an unknown type";
    in
    ''
      <?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
      <plist version="1.0">
      ${go "" v}
      </plist>'';

  toDhall = { }@args: v:
    if isAttrs v then
      "{ ${concatStringsSep ", " (mapAttrsToList (name: value: "${name} = ${toDhall args value}") v)} }"
    else if isList v then "[ ${concatMapStringsSep ", " (toDhall args) v} ]"
    else if isInt v then (if v < 0 then toString v else "+${toString v}")
    else if isBool v then (if v then "True" else "False")
    else if isFunction v then abort "generators.toDhall: a function cannot be written in Dhall"
    else if v == null then abort "generators.toDhall: null cannot be written in Dhall"
    else builtins.toJSON v;

  mkLuaInline = expr: { _type = "lua-inline"; inherit expr; };

  toLua = { multiline ? true, indent ? "", asBindings ? false }@args: v:
    let
      inner = "${indent}  ";
      args' = args // { indent = if multiline then inner else indent; asBindings = false; };
      open = if multiline then "\n${inner}" else " ";
      close = if multiline then "\n${indent}" else " ";
      body = concatStringsSep ",${open}";
      isInline = v: v._type or null == "lua-inline";
    in
    if asBindings then concatStringsSep "" (mapAttrsToList
      (name: value:
        assert lib.assertMsg (match "[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*" name != null)
          "attribute '${name}' is no valid variable name in Lua";
        "${indent}${name} = ${toLua (args // { asBindings = false; }) value}\n")
      v)
    else if v == null then "nil"
    else if isInt v || isFloat v || isString v || isBool v then builtins.toJSON v
    else if isPath v || isDerivation v then builtins.toJSON "${v}"
    else if isList v then
      if v == [ ] then "{}" else "{${open}${body (map (toLua args') v)}${close}}"
    else if isAttrs v then
      if isInline v then "(${v.expr})"
      else if v == { } then "{}"
      else "{${open}${body (mapAttrsToList (name: value: "[${builtins.toJSON name}] = ${toLua args' value}") v)}${close}}"
    else
      abort "generators.toLua: type ${typeOf v} is unsupported";
}
