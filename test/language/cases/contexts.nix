# Derivations and string contexts.
#----
derivation { name = "a"; system = "s"; builder = "b"; }
#----
(derivation { name = "a"; system = "s"; builder = "b"; }).drvPath
#----
(derivation { name = "a"; system = "s"; builder = "b"; outputs = [ "out" "dev" ]; }).dev.outPath
#----
(derivation { name = "a"; system = "s"; builder = "b"; args = [ "x" 1 true null ]; env = [ 1 2 ]; }).drvPath
#----
(derivation { name = "a"; system = "s"; builder = "b"; outputHash = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="; }).outPath
#----
(derivation { name = "a"; system = "s"; builder = "b"; outputHash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; outputHashAlgo = "sha256"; outputHashMode = "recursive"; }).outPath
#----
(derivation { name = "a"; system = "s"; builder = "b"; __structuredAttrs = true; x = { y = [ 1 2.5 ]; }; }).drvPath
#----
(derivation { name = "a"; system = "s"; builder = "b"; __ignoreNulls = true; x = null; }).drvPath
#----
(derivation { name = "a"; system = "s"; builder = "b"; src = ./files/hello.txt; }).drvPath
#----
derivation { system = "s"; builder = "b"; }
#----
derivation { name = "a"; builder = "b"; }
#----
derivation { name = "a"; system = "s"; }
#----
derivation { name = 1; system = "s"; builder = "b"; }
#----
derivation { name = "a b"; system = "s"; builder = "b"; }
#----
derivation { name = ""; system = "s"; builder = "b"; }
#----
derivation { name = "a.drv"; system = "s"; builder = "b"; }
#----
(derivation { name = "a"; system = "s"; builder = "b"; outputs = [ ]; }).drvPath
#----
(derivation { name = "a"; system = "s"; builder = "b"; outputs = [ "out" "out" ]; }).drvPath
#----
(derivation { name = "a"; system = "s"; builder = "b"; x = y: y; }).drvPath
#----
(derivation { name = "a"; system = "s"; builder = "b"; x = { }; }).drvPath
#----
(derivation { name = "a"; system = "s"; builder = "b"; outputHash = "x"; outputHashAlgo = "sha256"; }).drvPath
#----
(derivation { name = "a"; system = "s"; builder = "b"; outputHash = "x"; outputHashAlgo = "foo"; }).drvPath
#----
derivation 1
#----
(derivation { name = "a"; system = throw "lazy"; builder = "b"; }).name
#----
derivation { name = "a"; system = "s"; builder = "b"; } == derivation { name = "a"; system = "s"; builder = "b"; }
#----
(derivation { name = "a"; system = "s"; builder = "b"; }).all
#----
builtins.placeholder "out"
#----
placeholder "dev"
#----
placeholder 1
#----
builtins.getContext "${derivation { name = "a"; system = "s"; builder = "b"; }}"
#----
builtins.getContext (derivation { name = "a"; system = "s"; builder = "b"; }).drvPath
#----
builtins.getContext (builtins.toFile "x" "y")
#----
builtins.getContext "${./files/hello.txt}"
#----
builtins.getContext (builtins.toString ./files/hello.txt)
#----
builtins.getContext 1
#----
builtins.hasContext "${derivation { name = "a"; system = "s"; builder = "b"; }}"
#----
builtins.hasContext (builtins.unsafeDiscardStringContext "${derivation { name = "a"; system = "s"; builder = "b"; }}")
#----
builtins.hasContext 1
#----
builtins.getContext (builtins.unsafeDiscardOutputDependency (derivation { name = "a"; system = "s"; builder = "b"; }).drvPath)
#----
builtins.getContext (builtins.addDrvOutputDependencies (builtins.unsafeDiscardOutputDependency (derivation { name = "a"; system = "s"; builder = "b"; }).drvPath))
#----
builtins.addDrvOutputDependencies "${derivation { name = "a"; system = "s"; builder = "b"; }}"
#----
builtins.addDrvOutputDependencies (builtins.toFile "x" "y")
#----
builtins.addDrvOutputDependencies "${builtins.toFile "x" "y"}${builtins.toFile "z" "y"}"
#----
builtins.getContext (builtins.appendContext "a" { "/nix/store/lfngsssysp6h1v4ccqg23c52s9sjl779-x" = { path = true; }; })
#----
builtins.getContext (builtins.appendContext "a" { "/nix/store/lfngsssysp6h1v4ccqg23c52s9sjl779-x.drv" = { outputs = [ "out" "dev" ]; allOutputs = true; }; })
#----
builtins.appendContext "a" { "/nix/store/lfngsssysp6h1v4ccqg23c52s9sjl779-x" = { outputs = [ "out" ]; }; }
#----
builtins.appendContext "a" { "/nix/store/lfngsssysp6h1v4ccqg23c52s9sjl779-x" = { allOutputs = true; }; }
#----
builtins.appendContext "a" { foo = { }; }
#----
builtins.appendContext "a" { "/nix/store/lfngsssysp6h1v4ccqg23c52s9sjl779-x" = 1; }
#----
builtins.appendContext 1 { }
#----
builtins.appendContext "a" 1
#----
builtins.attrNames (builtins.getContext (builtins.substring 0 0 (builtins.toFile "x" "y")))
#----
builtins.attrNames (builtins.getContext (builtins.concatStringsSep "," [ (builtins.toFile "x" "y") "a" ]))
#----
builtins.attrNames (builtins.getContext (builtins.concatStringsSep (builtins.toFile "x" "y") [ ]))
#----
builtins.attrNames (builtins.getContext (builtins.replaceStrings [ "a" ] [ (builtins.toFile "x" "y") ] "abc"))
#----
builtins.attrNames (builtins.getContext (builtins.replaceStrings [ "z" ] [ (builtins.toFile "x" "y") ] "abc"))
#----
builtins.attrNames (builtins.getContext (builtins.toJSON { a = builtins.toFile "x" "y"; }))
#----
builtins.attrNames (builtins.getContext (builtins.toXML { a = builtins.toFile "x" "y"; }))
#----
builtins.attrNames (builtins.getContext (toString [ (builtins.toFile "x" "y") ]))
#----
builtins.attrNames (builtins.getContext (baseNameOf (builtins.toFile "x" "y")))
#----
builtins.attrNames (builtins.getContext (dirOf (builtins.toFile "x" "y")))
#----
builtins.attrNames (builtins.getContext (builtins.head (builtins.split "z" (builtins.toFile "x" "y"))))
#----
builtins.map (x: builtins.isString x && builtins.hasContext x) (builtins.split "-" (builtins.toFile "x" "y"))
#----
builtins.match "(.*)-(.*)" (builtins.toFile "x" "y")
#----
builtins.hasContext (builtins.hashString "sha256" (builtins.toFile "x" "y"))
#----
builtins.stringLength (builtins.toFile "x" "y")
#----
{ ${builtins.toFile "x" "y"} = 1; }
#----
builtins.hasAttr (builtins.toFile "x" "y") { }
#----
builtins.getAttr "${derivation { name = "a"; system = "s"; builder = "b"; }}" { }
#----
builtins.fromJSON (builtins.toJSON (builtins.toFile "x" "y"))
#----
builtins.parseDrvName (builtins.toFile "x" "y")
#----
builtins.toFile "n" (derivation { name = "a"; system = "s"; builder = "b"; }).drvPath
#----
builtins.toJSON (derivation { name = "a"; system = "s"; builder = "b"; })
#----
"${derivation { name = "a"; system = "s"; builder = "b"; }}/bin"
#----
toString (derivation { name = "a"; system = "s"; builder = "b"; })
#----
builtins.toFile "x" "y" == builtins.unsafeDiscardStringContext (builtins.toFile "x" "y")
#----
/. + builtins.toFile "x" "y"
#----
/. + builtins.unsafeDiscardStringContext (builtins.toFile "x" "y")
#----
builtins.parseDrvName "${derivation { name = "a"; system = "s"; builder = "b"; }}${(derivation { name = "a"; system = "s"; builder = "b"; }).drvPath}"
#----
builtins.parseDrvName "${derivation { name = "a"; system = "s"; builder = "b"; }}${builtins.toFile "x" "y"}"
#----
derivationStrict { name = "a"; system = "s"; builder = "b"; }
#----
derivationStrict 1
