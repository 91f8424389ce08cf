# Pieces of text that depend on one another, put in order.
{ lib }:
rec {
  # entries by name -> [ name or entry ] -> [ text ]: each entry once, after what it depends on.
  textClosureList = entries: wanted:
    let
      add = state: item:
        if builtins.isAttrs item then
          let
            before = builtins.foldl' add state item.deps;
          in
          before // { result = before.result ++ [ item.text ]; }
        else if state.seen ? ${item} then state
        else add (state // { seen = state.seen // { ${item} = true; }; }) entries.${item};
    in
    (builtins.foldl' add { result = [ ]; seen = { }; } wanted).result;

  textClosureMap = f: entries: names: lib.concatStringsSep "\n" (map f (textClosureList entries names));

  noDepEntry = text: { inherit text; deps = [ ]; };
  fullDepEntry = text: deps: { inherit text deps; };
  packEntry = deps: { inherit deps; text = ""; };
  stringAfter = deps: text: { inherit text deps; };
}
