/*
  What wheels need of the machine beyond libc, libstdc++, libgcc_s and zlib: project → sonames of the manylinux policies.
  `install-wheel.py` says which one is missing here.
*/
{
}
