# Writes stdenv's `setup`.
mkdir -p "$out"
sed -e "s|@initialPath@|$initialPath|" -e "s|@shell@|$shell|g" -e "s|@defaultNativeBuildInputs@|$defaultNativeBuildInputs|" \
  -e "s|@defaultHardening@|$defaultHardening|" -e "s|@storeDir@|$storeDir|" -e "/^# @fixup@/{r $fixup
d}" "$setup" > "$out/setup"
