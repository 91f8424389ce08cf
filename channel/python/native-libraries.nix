/*
  What wheels need of the machine beyond libc, libstdc++, libgcc_s and zlib: project → sonames of the manylinux policies.
  `install-wheel.py` says which one is missing here.
*/
{
  pygame = [
    "libgthread-2.0.so.0"
    "libglib-2.0.so.0"
    "libX11.so.6"
  ];
}
