# Strings: putting together, taking apart, quoting for other languages, names and versions.
{ lib }:
let
  inherit (builtins)
    concatLists concatMap elem elemAt filter foldl' genList head isAttrs isInt isList isPath isString length map
    match replaceStrings split stringLength substring tail toJSON typeOf;

  lower = "abcdefghijklmnopqrstuvwxyz";
  upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  chars = s: genList (n: substring n 1 s) (stringLength s);

  # Memory of what has been asked a character at a time would cost more than `replaceStrings` does.
  quoteEach = list: map (c: "\\${c}") list;
in
rec {
  inherit (builtins)
    appendContext compareVersions elem elemAt filter fromJSON genList head isInt isList isAttrs isPath isString match parseDrvName
    readFile replaceStrings split storeDir stringLength substring tail toJSON typeOf
    unsafeDiscardStringContext;

  lowerChars = chars lower;
  upperChars = chars upper;
  asciiTable = import ./ascii.nix;

  ## Putting together

  concatStrings = builtins.concatStringsSep "";
  concatStringsSep = builtins.concatStringsSep;
  join = builtins.concatStringsSep;
  concatMapStrings = f: list: concatStrings (map f list);
  concatImapStrings = f: list: concatStrings (lib.imap1 f list);
  concatMapStringsSep = sep: f: list: concatStringsSep sep (map f list);
  concatImapStringsSep = sep: f: list: concatStringsSep sep (lib.imap1 f list);
  concatMapAttrsStringSep = sep: f: set: concatStringsSep sep (lib.mapAttrsToList f set);
  concatLines = concatMapStrings (line: line + "\n");
  intersperse = sep: list:
    if length list < 2 then list
    else tail (concatMap (x: [ sep x ]) list);
  replicate = n: s: concatStrings (lib.lists.replicate n s);

  optionalString = condition: string: if condition then string else "";
  ifEmpty = fallback: string: if string == "" then fallback else string;

  # A list of strings or nothing -> search path for a sub-directory: "a/lib:b/lib"
  makeSearchPath = sub: paths: concatStringsSep ":" (map (path: path + "/" + sub) (filter (x: x != null) paths));
  makeSearchPathOutput = output: sub: pkgs: makeSearchPath sub (map (lib.getOutput output) pkgs);
  makeLibraryPath = makeSearchPathOutput "lib" "lib";
  makeIncludePath = makeSearchPathOutput "dev" "include";
  makeBinPath = makeSearchPathOutput "bin" "bin";

  # Doubled slashes to single ones.
  normalizePath = s:
    warnOfPath "normalizePath" s
      (foldl' (acc: c: if c == "/" && hasSuffix "/" acc then acc else acc + c) "" (stringToCharacters s));

  fixedWidthString = width: fill: string:
    let
      missing = width - stringLength string;
    in
    assert lib.assertMsg (missing >= 0)
      "fixedWidthString: '${string}' is longer than ${toString width}";
    if missing == 0 then string else fill + fixedWidthString (width - stringLength fill) fill string;
  fixedWidthNumber = width: n: fixedWidthString width "0" (toString n);

  ## Asking

  hasPrefix = prefix: string:
    warnOfPath "hasPrefix" prefix (substring 0 (stringLength prefix) string == prefix);
  hasSuffix = suffix: string:
    let
      rest = stringLength string - stringLength suffix;
    in
    warnOfPath "hasSuffix" suffix (rest >= 0 && substring rest (-1) string == suffix);
  hasInfix = infix: string:
    warnOfPath "hasInfix" infix
      (match ".*${escapeRegex infix}.*" "${string}" != null);

  isStringLike = x: isString x || isPath x || x ? outPath || x ? __toString;
  isConvertibleWithToString = x:
    isStringLike x
    || elem (typeOf x) [ "null" "int" "float" "bool" ]
    || (isList x && builtins.all isConvertibleWithToString x);
  isCoercibleToString = isConvertibleWithToString;

  # Is it a path directly in the store, or something that becomes one?
  isStorePath = x:
    isStringLike x && (
      let
        text = toString x;
      in
      substring 0 1 text == "/" && (dirOf text == storeDir' || match "/[0-9a-z]{52}" text != null)
    );
  isStorePathLike = isStorePath;
  storeDir' = builtins.storeDir;

  isName = name: match "[A-Za-z0-9+._?=-]+" name != null;

  ## Taking apart

  stringToCharacters = chars;
  stringAsChars = f: s: concatStrings (map f (chars s));

  # from -> to -> string -> string: one string for another.
  replaceString = from: to: replaceStrings [ from ] [ to ];

  # Code of an ASCII character.
  charToInt = c: asciiTable.${c};

  # sep -> string -> [ string ]: parts keep the string's context.
  splitString = sep: s:
    let
      parts = filter isString (split (escapeRegex (toString sep)) (toString s));
    in
    map (addContextFrom s) parts;
  splitStringBy = p: keepSplit: string:
    let
      len = stringLength string;
      at = n: substring n 1 string;
      go = from: n:
        if n >= len then [ (substring from (-1) string) ]
        else if p (if n == 0 then "" else at (n - 1)) (at n) then
          [ (substring from (n - from) string) ] ++ go (if keepSplit then n else n + 1) (n + 1)
        else go from (n + 1);
    in
    if len == 0 then [ "" ] else go 0 0;

  addContextFrom = from: to: substring 0 0 from + to;

  removePrefix = prefix: string:
    let
      n = stringLength prefix;
    in
    warnOfPath "removePrefix" prefix (if substring 0 n string == prefix then substring n (-1) string else string);
  removeSuffix = suffix: string:
    let
      n = stringLength string - stringLength suffix;
    in
    warnOfPath "removeSuffix" suffix
      (if n >= 0 && substring n (-1) string == suffix then substring 0 n string else string);

  # Space, tab, CR, LF off both ends.
  trim = trimWith { start = true; end = true; };
  trimWith = { start ? false, end ? false }: s:
    let
      white = " \t\r\n";
      found =
        if start && end then match "[${white}]*(|.*[^${white}])[${white}]*" s
        else if start then match "[${white}]*(.*)" s
        else if end then match "(|.*[^${white}])[${white}]*" s
        else [ s ];
    in
    addContextFrom s (head found);

  ## Case

  toLower = replaceStrings upperChars lowerChars;
  toUpper = replaceStrings lowerChars upperChars;
  toSentenceCase = s: lib.throwIfNot (isString s) "toSentenceCase: expected a string, but got ${typeOf s}" addContextFrom s (toUpper (substring 0 1 s) + toLower (substring 1 (-1) s));
  # "foo bar-baz" | "foo_bar" -> "fooBarBaz": at '-', '_', and white space; a capital begins a word too.
  toCamelCase = s:
    lib.throwIfNot (isString s) "toCamelCase: expected a string, but got ${typeOf s}" (
      let
        words = filter (w: w != "") (concatMap
          (w: if isList w then [ ] else capitals w)
          (split "[-_[:space:]]+" s));
        capitals = w: map (x: if isList x then head x else x)
          (filter (x: x != "") (split "([A-Z]+[a-z0-9]*)" w));
      in
      addContextFrom s (concatStrings (lib.imap0 (n: w: if n == 0 then toLower w else toSentenceCase w) words)));

  ## Quoting

  # [ characters ] -> string -> string: a backslash before each of them.
  escape = list: replaceStrings list (quoteEach list);
  # As escape, C-style: \x2a
  escapeC = list: replaceStrings list (map (c: "\\x${fixedWidthString 2 "0" (toLower (lib.toHexString (charToInt c)))}") list);
  escapeURL =
    let
      unreserved = chars (upper + lower + "0123456789-_.~");
      table = removeAttrs asciiTable unreserved;
      from = builtins.attrNames table;
      to = map (c: "%" + fixedWidthString 2 "0" (lib.toHexString table.${c})) from;
    in
    replaceStrings from to;
  escapeRegex = escape (chars "\\[{()^$?*+|.");
  escapeXML = replaceStrings [ "\"" "'" "<" ">" "&" ] [ "&quot;" "&apos;" "&lt;" "&gt;" "&amp;" ];
  escapeCSV = s: "\"" + replaceStrings [ "\"" ] [ "\"\"" ] s + "\"";

  # One argument of a POSIX shell; plain words stay as they are.
  escapeShellArg = arg:
    let
      s = toString arg;
    in
    if match "[[:alnum:],._+:@%/-]+" s == null then "'${replaceStrings [ "'" ] [ "'\\''" ] s}'" else s;
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  isValidPosixName = name: match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;
  # name -> value -> shell assignment: lists become arrays, sets associative arrays.
  toShellVar = name: value:
    lib.throwIfNot (isValidPosixName name) "toShellVar: '${name}' cannot name a shell variable" (
      if isAttrs value && !(isStringLike value) then
        "declare -A ${name}=(${concatStringsSep " " (lib.mapAttrsToList (n: v: "[${escapeShellArg n}]=${escapeShellArg v}") value)})"
      else if isList value then
        "declare -a ${name}=(${escapeShellArgs value})"
      else
        "${name}=${escapeShellArg value}"
    );
  toShellVars = vars: concatStringsSep "\n" (lib.mapAttrsToList toShellVar vars);

  # As a Nix string literal.
  escapeNixString = s: escape [ "$" ] (toJSON s);
  # As an attribute name in Nix.
  escapeNixIdentifier = s:
    if match "[a-zA-Z_][a-zA-Z0-9_'-]*" s != null && !(elem s nixKeywords) then s else escapeNixString s;
  nixKeywords = [ "assert" "else" "if" "in" "inherit" "let" "or" "rec" "then" "with" ];
  # As a key in TOML.
  escapeTOMLKey = s: if match "[A-Za-z0-9_-]+" s != null then s else toJSON s;

  ## Configure flags

  enableFeature = flag: feature:
    assert lib.assertMsg (isString feature) "feature must be a string, but is ${typeOf feature}";
    "--${if flag then "enable" else "disable"}-${feature}";
  enableFeatureAs = flag: feature: value: enableFeature flag feature + optionalString flag "=${value}";
  withFeature = flag: feature:
    assert isString feature;
    "--${if flag then "with" else "without"}-${feature}";
  withFeatureAs = flag: feature: value: withFeature flag feature + optionalString flag "=${value}";
  cmakeOptionType =
    let
      types = [ "BOOL" "FILEPATH" "PATH" "STRING" "INTERNAL" "LIST" ];
    in
    type: feature: value:
      assert elem (toUpper type) types;
      assert isString feature;
      assert isString value;
      "-D${feature}:${toUpper type}=${value}";
  cmakeBool = feature: flag:
    assert builtins.isBool flag;
    cmakeOptionType "bool" feature (toUpper (lib.boolToString flag));
  cmakeFeature = feature: value: cmakeOptionType "string" feature value;
  mesonOption = feature: value: "-D${feature}=${value}";
  mesonBool = feature: flag: mesonOption feature (lib.boolToString flag);
  mesonEnable = feature: flag: mesonOption feature (if flag then "enabled" else "disabled");

  ## Names and versions

  versionOlder = a: b: compareVersions b a == 1;
  versionAtLeast = a: b: !(versionOlder a b);
  # Of a derivation, or of "name-1.2".
  getName = x:
    if isString x then (parseDrvName x).name
    else if isPath x then (parseDrvName (toString x)).name
    else x.pname or (parseDrvName x.name).name;
  getVersion = x:
    if isString x then (parseDrvName x).version
    else x.version or (parseDrvName x.name).version;
  # "https://…/foo-1.2.tar.gz" -> "-" -> "foo"
  nameFromURL = url: sep:
    let
      file = lib.last (splitString "/" url);
      name = head (splitString sep file);
    in
    assert lib.assertMsg (name != file) "nameFromURL: '${file}' has no '${sep}'";
    name;

  # Whatever a string holds -> a name the store accepts.
  sanitizeDerivationName =
    let
      okay = match "[[:alnum:]+_?=-][[:alnum:]+._?=-]*";
    in
    string:
      let
        s = unsafeDiscardStringContext (toString string);
        noDots = head (match "\\.*(.*)" s);
        parts = split "[^[:alnum:]+._?=-]+" noDots;
        joined = concatMapStrings (x: if isList x then "-" else x) parts;
        len = stringLength joined;
        short = if len > 207 then substring (len - 207) (-1) joined else joined;
      in
      if stringLength s <= 207 && okay s != null then s
      else if short == "" then "unknown" else short;

  ## Numbers

  toInt = string:
    let
      found = match "[[:space:]]*(0*)(-?[[:digit:]]+)[[:space:]]*" string;
      digits = elemAt found 1;
      leading = match "[[:space:]]*(0[[:digit:]]+)[[:space:]]*" string;
    in
    if found == null then throw "toInt: Could not convert ${escapeNixString string} to int."
    else if leading != null then
      throw "toInt: Ambiguity in interpretation of ${escapeNixString string} between octal and zero padded integer."
    else numberFrom "toInt" string (if digits == "" then "0" else digits);
  toIntBase10 = string:
    let
      found = match "[[:space:]]*(0*)(-?[[:digit:]]*)[[:space:]]*" string;
      plain = match "[[:space:]]*-?[[:digit:]]+[[:space:]]*" string;
      digits = elemAt found 1;
    in
    if found == null || plain == null then throw "toIntBase10: Could not convert ${escapeNixString string} to int."
    else numberFrom "toIntBase10" string (if digits == "" then "0" else digits);
  numberFrom = who: string: digits:
    let
      n = fromJSON digits;
    in
    if isInt n then n else throw "${who}: Could not convert ${escapeNixString string} to int.";
  # 0.1 -> "0.1"; throws if a digit would be lost.
  floatToString = float:
    let
      result = toString float;
      precise = float == fromJSON result;
    in
    lib.warnIf (!precise) "floatToString: digits are lost in ${result}" result;

  ## Files

  readPathsFromFile = lib.warn "lib.readPathsFromFile is deprecated, use a list instead." (root: file:
    map (line: root + "/${line}") (filter (s: s != "" && !(hasPrefix "#" s)) (splitString "\n" (readFile file))));
  fileContents = file: removeSuffix "\n" (readFile file);

  ## Edit distance

  commonPrefixLength = a: b:
    let
      most = lib.min (stringLength a) (stringLength b);
      go = n: if n < most && substring n 1 a == substring n 1 b then go (n + 1) else n;
    in
    go 0;
  commonSuffixLength = a: b:
    let
      most = lib.min (stringLength a) (stringLength b);
      at = n: s: substring (stringLength s - n - 1) 1 s;
      go = n: if n < most && at n a == at n b then go (n + 1) else n;
    in
    go 0;

  # How many characters must be put in, left out or replaced.
  levenshtein = a: b:
    let
      as = chars a;
      bs = chars b;
      # One row of the table for each character of a; each cell needs its left, upper and upper left.
      nextRow = row: c:
        foldl'
          (acc: n:
            let
              cost = if elemAt bs n == c then 0 else 1;
              value = lib.min (lib.min (acc.left + 1) (elemAt row (n + 1) + 1)) (elemAt row n + cost);
            in
            { left = value; cells = acc.cells ++ [ value ]; })
          { left = head row + 1; cells = [ (head row + 1) ]; }
          (genList (n: n) (length bs));
      rows = foldl' (row: c: let r = (nextRow row c).cells; in builtins.deepSeq r r) (genList (n: n) (length bs + 1)) as;
    in
    lib.last rows;

  levenshteinAtMost = k: a: b:
    let
      difference = stringLength a - stringLength b;
      distance = if difference < 0 then -difference else difference;
    in
    distance <= k && levenshtein a b <= k;

  # A path where a string is meant is copied to the store, or compared as text: seldom what was wanted.
  warnOfPath = who: x: result:
    lib.warnIf (isPath x)
      "lib.strings.${who}: the path ${toString x} is given, where a string is meant; lib.path is for paths"
      result;
}
