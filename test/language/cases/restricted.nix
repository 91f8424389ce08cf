# Restricted evaluation.
# options: restrict-eval true
#----
builtins.currentSystem
#----
builtins.getEnv "HOME"
#----
builtins.readFile /etc/hostname
#----
builtins.pathExists /etc/hostname
#----
builtins.pathExists /
#----
builtins.readDir /.
#----
builtins.readDir /etc
#----
import /etc/foo.nix
#----
<nixpkgs>
#----
builtins.fetchurl "http://localhost:1/x"
#----
fetchTarball "http://localhost:1/x"
#----
fetchGit "http://localhost:1/x"
#----
fetchTree { type = "git"; url = "http://localhost:1/x"; }
#----
builtins.path { path = /etc/hostname; }
#----
"${/etc/hostname}"
#----
builtins.toFile "a" "b"
#----
toString /etc
#----
/etc + "/x"
#----
builtins.findFile [ { path = "/etc"; prefix = "x"; } ] "x/hostname"
