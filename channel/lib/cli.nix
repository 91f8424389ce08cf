# Attribute sets as options of command lines.
{ lib }:
rec {
  # { a = "b"; verbose = true; } -> shell words, quoted.
  toGNUCommandLineShell = options: attrs: lib.escapeShellArgs (toGNUCommandLine options attrs);

  toGNUCommandLine = { mkOptionName ? name: if builtins.stringLength name == 1 then "-${name}" else "--${name}"
    , mkBool ? name: value: lib.optional value (mkOptionName name)
    , mkList ? name: values: lib.concatMap (mkOption name) values
    , mkOption ? name: value:
        if value == null then [ ]
        else if optionValueSeparator == null then [ (mkOptionName name) (lib.generators.mkValueStringDefault { } value) ]
        else [ "${mkOptionName name}${optionValueSeparator}${lib.generators.mkValueStringDefault { } value}" ]
    , optionValueSeparator ? null }: options:
    let
      render = name: value:
        if builtins.isBool value then mkBool name value
        else if builtins.isList value then mkList name value
        else mkOption name value;
    in
    builtins.concatLists (lib.mapAttrsToList render options);

  # name -> { option, sep, explicitBool, formatArg? } tells for each option how it is written.
  toCommandLine = optionFormat: attrs:
    let
      one = name: value:
        let
          format = optionFormat name;
          option = format.option;
          formatArg = format.formatArg or (lib.generators.mkValueStringDefault { });
          withValue = text: if format.sep == null then [ option text ] else [ "${option}${format.sep}${text}" ];
        in
        if value == null then [ ]
        else if builtins.isList value then builtins.concatMap (one name) value
        else if builtins.isBool value && !format.explicitBool then lib.optional value option
        else withValue (formatArg value);
    in
    builtins.concatLists (lib.mapAttrsToList one attrs);
  toCommandLineShell = optionFormat: attrs: lib.escapeShellArgs (toCommandLine optionFormat attrs);

  toCommandLineGNU = { isLong ? name: builtins.stringLength name > 1, explicitBool ? false, formatArg ? lib.generators.mkValueStringDefault { } }:
    toCommandLine (name: {
      option = if isLong name then "--${name}" else "-${name}";
      sep = if isLong name then "=" else "";
      inherit explicitBool formatArg;
    });
}
