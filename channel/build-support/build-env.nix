/*
  `buildEnv`: the union of several packages as one tree of links.

  Two files at one place are an error unless they are the same, one has the better (lower) `meta.priority`, or
  `ignoreCollisions` is set. Directories are real where several packages have them.
*/
{
  lib,
  runCommand,
}:
lib.makeOverridable (
  {
    name ?
      if args ? pname && args ? version then
        "${args.pname}-${args.version}"
      else
        throw "buildEnv: expect arguments 'pname' and 'version' or 'name'",
    manifest ? "",
    paths,
    ignoreCollisions ? false,
    ignoreSingleFileOutputs ? false,
    checkCollisionContents ? true,
    pathsToLink ? [ "/" ],
    extraOutputsToInstall ? [ ],
    includeClosures ? false,
    extraPrefix ? "",
    nativeBuildInputs ? [ ],
    buildInputs ? [ ],
    postBuild ? "",
    passthru ? { },
    meta ? { },
    pname ? null,
    version ? null,
  }@args:
  let
    outputsOf =
      drv:
      if !(builtins.isAttrs drv) || (drv.outputSpecified or false) then
        [ drv ]
      else
        map (output: drv.${output}) (
          lib.unique (
            (if drv ? outputs && drv ? meta.outputsToInstall then drv.meta.outputsToInstall else if drv ? outputs then [ (builtins.head drv.outputs) ] else [ ])
            ++ builtins.filter (output: drv ? ${output}) (if drv ? outputs then extraOutputsToInstall else [ ])
          )
        )
        ++ lib.optional (!(drv ? outputs)) drv;
    chosen = lib.concatMap (
      drv:
      map (path: {
        path = "${path}";
        priority = toString ((drv.meta or { }).priority or lib.meta.defaultPriority or 5);
      }) (outputsOf drv)
    ) (builtins.filter (drv: drv != null) (lib.flatten paths));
  in
  runCommand name
    {
      inherit
        ignoreCollisions
        ignoreSingleFileOutputs
        checkCollisionContents
        extraPrefix
        nativeBuildInputs
        buildInputs
        postBuild
        passthru
        meta
        manifest
        ;
      pathsToLink = pathsToLink;
      packages = lib.concatMapStrings ({ path, priority }: "${priority} ${path}\n") chosen;
      passAsFile = [ "packages" ];
      preferLocalBuild = true;
      allowSubstitutes = false;
    }
    ''
      source ${./build-env.sh}
    ''
)
