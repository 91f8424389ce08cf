/*
  CPython's releases: where the source is and its published hash. The same bytes lie in Debian's pool for some.
*/
{
  "3.10" = {
    version = "3.10.20";
    sha256 = "de6517421601e39a9a3bc3e1bc4c7b2f239297423ee05e282598c83ec0647505";
    extension = "tar.xz";
  };
  "3.11" = {
    version = "3.11.2";
    sha256 = "2411c74bda5bbcfcddaf4531f66d1adc73f247f529aee981b029513aefdbf849";
    extension = "tgz";
    mirror = "mirror://debian/pool/main/p/python3.11/python3.11_3.11.2.orig.tar.gz";
  };
  "3.12" = {
    version = "3.12.13";
    sha256 = "c08bc65a81971c1dd5783182826503369466c7e67374d1646519adf05207b684";
    extension = "tar.xz";
  };
  "3.13" = {
    version = "3.13.5";
    sha256 = "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640";
    extension = "tar.xz";
    mirror = "mirror://debian/pool/main/p/python3.13/python3.13_3.13.5.orig.tar.xz";
  };
  "3.14" = {
    version = "3.14.4";
    sha256 = "d923c51303e38e249136fc1bdf3568d56ecb03214efdef48516176d3d7faaef8";
    extension = "tar.xz";
  };
}
