# lib: nixpkgs' function library by name and meaning, for the channel and for files written against nixpkgs.
#
# The names at the top are inherited one by one, not merged, so that a file is read only when something in it is
# used. Only builtins of Nix 2.8 are needed. The manual: nixpkgs, "Nixpkgs library functions".
let
  fixedPoints = import ./fixed-points.nix { inherit lib; };

  lib = fixedPoints.makeExtensible (self:
    let
      part = file: import file { lib = self; };
    in
    {
      trivial = part ./trivial.nix;
      fixedPoints = part ./fixed-points.nix;
      attrsets = part ./attrsets.nix;
      lists = part ./lists.nix;
      strings = part ./strings.nix;
      versions = part ./versions.nix;
      customisation = part ./customisation.nix;
      derivations = part ./derivations.nix;
      meta = part ./meta.nix;
      filesystem = part ./filesystem.nix;
      sources = part ./sources.nix;
      asserts = part ./asserts.nix;
      debug = part ./debug.nix;
      generators = part ./generators.nix;
      cli = part ./cli.nix;
      stringsWithDeps = part ./strings-with-deps.nix;
      path = part ./path.nix;
      options = part ./options.nix;
      types = part ./types.nix;
      modules = part ./modules;
      licenses = part ./licenses.nix;
      sourceTypes = part ./source-types.nix;
      fileset = part ./fileset.nix;
      fetchers = part ./fetchers.nix;
      misc = part ./misc.nix;
      systems = part ./systems;
      platforms = self.systems.doubles;
      maintainers = { };
      teams = { };

      inherit (builtins)
        add addErrorContext baseNameOf ceil deepSeq dirOf div floor fromTOML genericClosure getContext
        hasContext hashFile hashString isBool isFloat lessThan mul pathExists placeholder readDir seq
        splitVersion sub toFile toString toXML trace tryEval unsafeDiscardOutputDependency
        unsafeGetAttrPos;
      inherit (self.trivial)
        and bitAnd bitNot bitOr bitXor boolToString boolToYesNo checkListOfEnum compare concat const
        defaultTo flip fromHexString functionArgs id importJSON importTOML inNixShell inPureEvalMode
        info isFunction isInOldestRelease mapNullable max mergeAttrs min mirrorFunctionArgs mod
        nixpkgsVersion oldestSupportedReleaseIsAtLeast or pipe setFunctionArgs showWarnings
        splitByAndCompare throwIf throwIfNot toBaseDigits toFunction toHexString version warn warnIf
        warnIfNot xor;
      inherit (self.fixedPoints)
        composeExtensions composeManyExtensions converge extends fix fix' makeExtensible
        makeExtensibleWithCustomName toExtension;
      inherit (self.attrsets)
        attrByPath attrNames attrVals attrValues attrsToList cartesianProduct catAttrs
        chooseDevOutputs collect concatMapAttrs dontRecurseIntoAttrs filterAttrs filterAttrsRecursive
        foldAttrs foldlAttrs genAttrs genAttrs' getAttr getAttrFromPath getAttrs getBin getDev
        getFirstOutput getInclude getLib getMan getOutput getStatic hasAttr hasAttrByPath
        intersectAttrs isAttrs isDerivation listToAttrs mapAttrs mapAttrs' mapAttrsRecursive
        mapAttrsRecursiveCond mapAttrsToList mapAttrsToListRecursive mapAttrsToListRecursiveCond
        mapCartesianProduct matchAttrs mergeAttrsList nameValuePair optionalAttrs overrideExisting
        recurseIntoAttrs recursiveUpdate recursiveUpdateUntil removeAttrs setAttrByPath showAttrPath
        toDerivation unionOfDisjoint updateManyAttrsByPath zipAttrs zipAttrsWith zipAttrsWithNames;
      inherit (self.lists)
        all allUnique any compareLists concatAttrValues concatLists concatMap count crossLists drop
        dropEnd elem elemAt filter findFirst findSingle flatten fold foldl foldl' foldr forEach
        genList groupBy groupBy' head ifilter0 imap0 imap1 init intersectLists isList last
        length listDfs map mutuallyExclusive naturalSort optional optionals partition range remove replaceElemAt
        replicate reverseList singleton sort sortOn sublist subtractLists tail take
        takeEnd toList toposort unique uniqueStrings zipLists zipListsWith;
      inherit (self.strings)
        addContextFrom appendContext cmakeBool cmakeFeature cmakeOptionType compareVersions concatImapStrings
        concatImapStringsSep concatLines concatMapAttrsStringSep concatMapStrings concatMapStringsSep
        concatStrings concatStringsSep enableFeature enableFeatureAs escape escapeRegex escapeShellArg
        escapeShellArgs escapeURL escapeXML fileContents fixedWidthNumber fixedWidthString fromJSON
        getName getVersion hasInfix hasPrefix hasSuffix intersperse isInt isPath isStorePath isString
        isStringLike isValidPosixName join lowerChars makeBinPath makeIncludePath makeLibraryPath
        makeSearchPath makeSearchPathOutput match mesonBool mesonEnable mesonOption nameFromURL
        optionalString parseDrvName readFile removePrefix removeSuffix replaceString replaceStrings split splitString
        splitStringBy stringAsChars stringLength stringToCharacters substring toCamelCase toInt
        toIntBase10 toJSON toLower toSentenceCase toShellVar toShellVars toUpper trim trimWith typeOf
        unsafeDiscardStringContext upperChars versionAtLeast versionOlder withFeature withFeatureAs;
      inherit (self.customisation)
        callPackageWith callPackagesWith extendDerivation extendMkDerivation hydraJob makeOverridable
        makeScope makeScopeWithSplicing makeScopeWithSplicing' mapCrossIndex overrideDerivation
        renameCrossIndexFrom renameCrossIndexTo;
      inherit (self.derivations) lazyDerivation optionalDrvAttr warnOnInstantiate;
      inherit (self.meta)
        addMetaAttrs appendToName dontDistribute getExe getExe' getLicenseFromSpdxId
        getLicenseFromSpdxIdOr hiPrio hiPrioSet licensesSpdx lowPrio lowPrioSet mapDerivationAttrset
        setName setPrio updateName;
      inherit (self.filesystem)
        packagesFromDirectoryRecursive pathIsDirectory pathIsRegularFile pathType;
      inherit (self.sources)
        canCleanSource cleanSource cleanSourceFilter cleanSourceWith commitIdFromGitRepo
        pathHasContext pathIsGitRepo sourceByRegex sourceFilesBySuffices;
      inherit (self.asserts) assertMsg assertOneOf;
      inherit (self.debug)
        runTests testAllTrue traceFnSeqN traceIf traceSeq traceSeqN traceVal traceValFn traceValSeq
        traceValSeqFn traceValSeqN traceValSeqNFn;
      inherit (self.generators) mkLuaInline;
      inherit (self.stringsWithDeps)
        fullDepEntry noDepEntry packEntry stringAfter textClosureList textClosureMap;
      inherit (self.options)
        getFiles getValues isOption literalExample literalExpression literalMD mdDoc mergeDefaultOption
        mergeEqualOption mergeOneOption mergeUniqueOption mkEnableOption mkOption mkPackageOption
        mkSinkUndeclaredOptions optionAttrSetToDocList optionAttrSetToDocList' scrubOptionValue showFiles
        showOption showOptionWithDefLocs unknownModule;
      inherit (self.types)
        defaultFunctor defaultTypeMerge isOptionType isType mkOptionType setType;
      inherit (self.modules)
        applyModuleArgsIfFunction defaultOverridePriority dischargeProperties doRename
        evalModules evalOptionValue filterOverrides fixupOptionType mapDefinitionValue mergeDefinitions mergeModules
        mergeModules' mergeOptionDecls mkAfter mkAliasAndWrapDefinitions mkAliasDefinitions
        mkAliasOptionModule mkAliasOptionModuleMD mkAssert mkBefore mkChangedOptionModule mkDefault
        mkDefinition mkDerivedConfig mkFixStrictness mkForce mkIf mkImageMediaOverride mkMerge
        mkMergedOptionModule mkOptionDefault mkOrder mkOverride mkRemovedOptionModule
        mkRenamedOptionModule mkRenamedOptionModuleWith mkVMOverride pushDownProperties
        setDefaultModuleLocation sortProperties unifyModuleSyntax;

      inherit (self.misc)
        closePropagation condConcat ifEnable imap maybeAttr maybeAttrNullable maybeEnv nvs setAttr;
      inherit (self.derivations) addDrvOutputDependencies;
      inherit (self.sources) filterSource repoRevToName revOrTag;
      readFileType = self.filesystem.pathType;

      # Hashes of nothing, for the first try at a fetcher.
      fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
      fakeSha256 = "0000000000000000000000000000000000000000000000000000000000000000";
      fakeSha512 = "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000";
    });
in
lib
