# What may be around a definition: conditions, several at once, priorities, an order, another place of origin.
{ lib }:
let
  inherit (builtins) concatMap isAttrs isBool mapAttrs typeOf;

  kind = x: x._type or "";
  wrap = kind: attrs: { _type = kind; } // attrs;
in
rec {
  mkIf = condition: content: wrap "if" { inherit condition content; };
  mkMerge = contents: wrap "merge" { inherit contents; };
  mkOverride = priority: content: wrap "override" { inherit priority content; };
  mkOrder = priority: content: wrap "order" { inherit priority content; };
  # { file, value }: a definition said to come from elsewhere.
  mkDefinition = wrap "definition";
  mkAssert = assertion: message: mkIf (assertion || throw "Failed assertion: ${message}");

  # The lower, the stronger.
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  defaultOverridePriority = 100;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;

  mkBefore = mkOrder 500;
  defaultOrderPriority = 1000;
  mkAfter = mkOrder 1500;

  # Did something once.
  mkFixStrictness = lib.warn "lib.mkFixStrictness does nothing: leave it out." lib.id;

  # A property around a set -> sets, each attribute of which has the property.
  pushDownProperties = cfg:
    let
      inside = f: content: map (mapAttrs (_: f)) (pushDownProperties content);
      how = {
        merge = concatMap pushDownProperties cfg.contents;
        "if" = inside (mkIf cfg.condition) cfg.content;
        override = inside (mkOverride cfg.priority) cfg.content;
        definition = inside (value: mkDefinition { inherit (cfg) file; inherit value; }) cfg.value;
      };
    in
    how.${kind cfg} or [ cfg ];

  # The same for what a module defines, which must be sets.
  pushDownIn = file: prefix: cfg:
    let
      sets = pushDownProperties cfg;
      conditional = kind cfg == "if" || kind cfg == "override";
    in
    if conditional && !(isAttrs cfg.content) then throw (notASet file prefix cfg.content) else sets;
  notASet = file: prefix: value:
    "In module `${toString file}', you're trying to define a value of type `${typeOf value}'\nrather than an attribute set for the option\n`${lib.showOption prefix}'!";

  # A definition -> those it stands for; a condition that does not hold leaves none.
  dischargeProperties = def:
    if kind def == "merge" then concatMap dischargeProperties def.contents
    else if kind def != "if" then [ def ]
    else if !(isBool def.condition) then throw "mkIf was given a condition that is no Boolean but a ${typeOf def.condition}"
    else if def.condition then dischargeProperties def.content
    else [ ];

  # The same for { file, value }, minding values that are said to come from elsewhere.
  dischargeDefinition = { file, value, ... }:
    let
      one = v:
        if kind v == "definition" then dischargeDefinition { inherit (v) file value; }
        else [ { inherit file; value = v; } ];
    in
    concatMap one (builtins.addErrorContext "while evaluating definitions from `${file}':" (dischargeProperties value));

  # Definitions of the strongest priority alone.
  filterOverrides = defs: (filterOverrides' defs).values;
  filterOverrides' = defs:
    let
      weight = def: if kind def.value == "override" then def.value.priority else defaultOverridePriority;
      highestPrio = lib.foldl' lib.min 9999 (map weight defs);
      # What an override holds is not looked at before it is known to be the strongest: its priority is told without.
      bare = def: if kind def.value == "override" then moved (def // { value = def.value.content; }) else [ def ];
      moved = def: if kind def.value == "definition" then dischargeDefinition { inherit (def.value) file value; } else [ def ];
    in
    { inherit highestPrio; values = concatMap bare (builtins.filter (def: weight def == highestPrio) defs); };

  sortProperties = defs:
    let
      place = def: if kind def.value == "order" then def.value.priority else defaultOrderPriority;
      bare = def: if kind def.value == "order" then def // { value = def.value.content; inherit (def.value) priority; } else def;
    in
    map bare (lib.sort (a: b: place a < place b) defs);

  # f on the value of a definition, within its properties.
  mapDefinitionValue = f: def:
    let
      into = name: def // { ${name} = mapDefinitionValue f def.${name}; };
      how = {
        merge = def // { contents = map (mapDefinitionValue f) def.contents; };
        "if" = into "content";
        override = into "content";
        order = into "content";
        definition = into "value";
      };
    in
    how.${kind def} or (f def);
}
