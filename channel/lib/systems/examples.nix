# Platforms by name, as arguments for `crossSystem`.
{
  gnu64 = { config = "x86_64-unknown-linux-gnu"; };
  gnu32 = { config = "i686-unknown-linux-gnu"; };
  musl64 = { config = "x86_64-unknown-linux-musl"; };
  musl32 = { config = "i686-unknown-linux-musl"; };
  aarch64-multiplatform = { config = "aarch64-unknown-linux-gnu"; };
  aarch64-multiplatform-musl = { config = "aarch64-unknown-linux-musl"; };
  armv7l-hf-multiplatform = { config = "armv7l-unknown-linux-gnueabihf"; };
  raspberryPi = { config = "armv6l-unknown-linux-gnueabihf"; };
  riscv64 = { config = "riscv64-unknown-linux-gnu"; };
  ppc64-little = { config = "powerpc64le-unknown-linux-gnu"; };
  s390x = { config = "s390x-unknown-linux-gnu"; };
  loongarch64-linux = { config = "loongarch64-unknown-linux-gnu"; };
  aarch64-darwin = { config = "aarch64-apple-darwin"; };
  x86_64-darwin = { config = "x86_64-apple-darwin"; };
  mingwW64 = { config = "x86_64-w64-mingw32"; };
  wasi32 = { config = "wasm32-unknown-wasi"; };
}
