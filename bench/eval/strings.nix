let
  words = builtins.genList (n: "word-${toString (n * 31)}-${if n - n / 3 * 3 == 0 then "x" else "y"}") 30000;
  text = builtins.concatStringsSep " " words;
  parts = builtins.filter builtins.isString (builtins.split "[ -]+" text);
  upper = builtins.replaceStrings [ "word" "x" ] [ "WORD" "Z" ] text;
in
builtins.hashString "sha256" (upper + toString (builtins.length parts))
