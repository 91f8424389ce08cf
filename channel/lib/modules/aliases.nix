# One option in terms of another, and modules that say what has become of an option.
{ lib }:
let
  inherit (lib) getAttrFromPath isOption mkIf mkMerge mkOption mkOverride setAttrByPath showFiles showOption;
  inherit (lib.modules) defaultOverridePriority;

  named = path: "`${showOption path}'";
  priority = option: option.highestPrio or defaultOverridePriority;
in
rec {
  # The definitions of an option as definitions of another, if there are any.
  mkAliasIfDef = option: mkIf (isOption option && option.isDefined);
  mkAliasAndWrapDefinitions = wrap: option: mkAliasIfDef option (wrap (mkMerge option.definitions));
  mkAliasDefinitions = mkAliasAndWrapDefinitions lib.id;
  # With the priority that they had.
  mkAliasAndWrapDefsWithPriority = wrap: option:
    mkAliasIfDef option (wrap (mkMerge (map (mkOverride (priority option)) option.definitions)));

  # f of an option's value, as strong as the option's definitions.
  mkDerivedConfig = option: f: mkOverride (priority option) (f option.value);

  # The module behind the ones below: definitions of `from` become definitions of `to`, reading `from` gives `to`.
  doRename = { from, to, visible, warn, use, withPriority ? true, condition ? true }: { config, options, ... }:
    let
      source = getAttrFromPath from options;
      target = lib.attrByPath to (abort "Renaming error: there is no option ${named to}.");
      type = (lib.attrByPath to { } options).type or (lib.types.submodule { });
      pass = if withPriority then mkAliasAndWrapDefsWithPriority else mkAliasAndWrapDefinitions;
      notice = "The option ${named from} defined in ${showFiles source.files} has been renamed to ${named to}.";
    in
    {
      options = setAttrByPath from (mkOption {
        inherit visible;
        ${if type == null then null else "type"} = type;
        description = "Another name for {option}`${showOption to}`.";
        apply = _: use (target config);
      });
      config = mkIf condition (mkMerge [
        (pass (setAttrByPath to) source)
        (lib.optionalAttrs (options ? warnings) { warnings = lib.optional (warn && source.isDefined) notice; })
      ]);
    };

  mkAliasOptionModule = from: to: doRename { inherit from to; visible = true; warn = false; use = lib.id; };
  mkAliasOptionModuleMD = mkAliasOptionModule;

  mkRenamedOptionModule = from: to:
    doRename {
      inherit from to;
      visible = false;
      warn = true;
      use = builtins.trace "The option ${named from} is read under its old name: it is ${named to} now.";
    };
  # Silent until the release in which the new name came is the oldest that is supported.
  mkRenamedOptionModuleWith = { from, to, sinceRelease }:
    let
      loud = lib.oldestSupportedReleaseIsAtLeast sinceRelease;
    in
    doRename {
      inherit from to;
      visible = false;
      warn = loud;
      use = lib.warnIf loud "The option ${named from} is read under its old name: it is ${named to} now.";
    };

  # Reading or defining the option is an error that says why.
  mkRemovedOptionModule = path: instead: { options, ... }:
    let
      option = getAttrFromPath path options;
    in
    {
      options = setAttrByPath path (mkOption {
        visible = false;
        apply = _: throw "The option ${named path} can no longer be used since it's been removed. ${instead}";
      });
      config.assertions = [
        {
          assertion = !option.isDefined;
          message = "The option definition ${named path} in ${showFiles option.files} no longer has any effect; please remove it.\n${instead}";
        }
      ];
    };

  # Several options, or one of another type, made into one: `make` gets the configuration.
  mkMergedOptionModule = from: to: make: { config, options, ... }:
    let
      # Tells a definition from none.
      absent = "_mkMergedOptionModule";
      used = builtins.filter (path: getAttrFromPath path config != absent) from;
      notice = path:
        "The option ${named path} defined in ${showFiles (getAttrFromPath path options).files} has been changed to ${named to}, which has a different type: see its description.";
    in
    {
      options = lib.foldl' lib.recursiveUpdate { }
        (map (path: setAttrByPath path (mkOption { visible = false; default = absent; })) from);
      config = setAttrByPath to (mkMerge (lib.optional (used != [ ]) (make config))) // { warnings = map notice used; };
    };
  mkChangedOptionModule = from: mkMergedOptionModule [ from ];
}
