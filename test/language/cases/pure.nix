# Pure evaluation.
# options: pure-eval true
#----
builtins.currentTime or "none"
#----
builtins.currentSystem or "none"
#----
builtins ? currentSystem
#----
__currentTime
#----
builtins.getEnv "HOME"
#----
builtins.readFile /etc/hostname
#----
builtins.pathExists /etc/hostname
#----
builtins.readDir /.
#----
import /etc/foo.nix
#----
<nixpkgs>
#----
builtins.nixPath
#----
builtins.storePath "/nix/store/lfngsssysp6h1v4ccqg23c52s9sjl779-x"
#----
builtins.fetchurl "http://localhost:1/x"
#----
fetchTarball "http://localhost:1/x"
#----
fetchGit "http://localhost:1/x"
#----
fetchTree { type = "git"; url = "http://localhost:1/x"; }
#----
fetchMercurial "http://localhost:1/x"
#----
builtins.path { path = /etc/hostname; }
#----
"${/etc/hostname}"
#----
builtins.toFile "a" "b"
#----
1 + 1
#----
derivation { name = "a"; system = "s"; builder = "b"; }
#----
builtins.hashFile "md5" /etc/hostname
#----
builtins.readFileType /etc
#----
builtins.nixPath
