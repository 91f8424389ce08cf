/*
  Fetchers beside fetchurl.

  What is an unpacked tree is fetched by `builtins.fetchTarball` where its rules are enough, since that needs no program
  of ours; else by a fixed-output derivation with curl.
*/
final:
let
  lib = import ../lib;
  hashOf =
    what: arguments:
    let
      given = builtins.filter (value: value != null && value != "") [
        (arguments.hash or null)
        (arguments.sha256 or null)
      ];
    in
    if given != [ ] then
      builtins.head given
    else if arguments ? hash || arguments ? sha256 then
      lib.fakeHash
    else
      throw "${what} requires `hash` or `sha256`";

  withCurl =
    {
      name,
      urls,
      hash,
      recursive ? true,
      nativeBuildInputs ? [ ],
      postFetch ? "",
      curlOpts ? "",
      passthru ? { },
      meta ? { },
    }:
    if lib.any (lib.hasPrefix "mirror://") urls then
      throw "${name}: a mirror:// address cannot be given together with postFetch or stripRoot = false"
    else
      final.stdenvNoCC.mkDerivation {
        inherit
          name
          urls
          postFetch
          passthru
          meta
          ;
        nativeBuildInputs = [
          final.curl
          final.unzip
        ]
        ++ nativeBuildInputs;
        SSL_CERT_FILE = "${final.cacert}/etc/ssl/certs/ca-bundle.crt";
        outputHash = hash;
        outputHashMode = if recursive then "recursive" else "flat";
        outputHashAlgo = if lib.hasInfix "-" hash || lib.hasInfix ":" hash then null else "sha256";
        impureEnvVars = lib.fetchers.proxyImpureEnvVars or [ "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy" ];
        preferLocalBuild = true;
        buildCommand = ''
          downloadedFile=$NIX_BUILD_TOP/file
          success=
          for url in $urls; do
            echo "trying $url"
            if curl --location --max-redirs 20 --retry 3 --fail --silent --show-error ${curlOpts} --output "$downloadedFile" "$url"; then success=1; break; fi
          done
          if [ -z "$success" ]; then echo "error: cannot download $name from any mirror" >&2; exit 1; fi
          eval "$postFetch"
          if [ ! -e "$out" ]; then mv "$downloadedFile" "$out"; fi
        '';
      };

  fetchzip = lib.makeOverridable (
    {
      url ? "",
      urls ? [ ],
      name ? "source",
      pname ? "",
      version ? "",
      stripRoot ? true,
      extraPostFetch ? "",
      postFetch ? "",
      extension ? null,
      nativeBuildInputs ? [ ],
      passthru ? { },
      meta ? { },
      ...
    }@arguments:
    let
      hash = hashOf "fetchzip" arguments;
      addresses = (if url == "" then [ ] else [ url ]) ++ urls;
      first = builtins.head addresses;
    in
    if stripRoot && postFetch == "" && extraPostFetch == "" then
      let
        outPath = builtins.fetchTarball {
          inherit name;
          url = first;
          sha256 = hash;
        };
      in
      {
        type = "source";
        inherit
          outPath
          name
          url
          meta
          passthru
          ;
        urls = addresses;
        outputHash = hash;
        __toString = _: outPath;
      }
      // passthru
    else
      withCurl {
        inherit
          name
          hash
          nativeBuildInputs
          passthru
          meta
          ;
        urls = addresses;
        postFetch = ''
          unpackDir=$NIX_BUILD_TOP/unpack
          mkdir "$unpackDir"
          cd "$unpackDir"
          renamed=$NIX_BUILD_TOP/${if extension == null then lib.escapeShellArg (builtins.baseNameOf first) else "download.${extension}"}
          mv "$downloadedFile" "$renamed"
          unpackFile "$renamed"
          chmod -R +w "$unpackDir"
          ${
            if stripRoot then
              ''
                if [ $(ls -A "$unpackDir" | wc -l) != 1 ]; then
                  echo "error: zip file must contain a single file or directory." >&2
                  echo "hint: Pass stripRoot=false; to fetchzip to assume flat list of files." >&2
                  exit 1
                fi
                mv "$unpackDir/$(ls -A "$unpackDir")" "$out"
              ''
            else
              ''
                mv "$unpackDir" "$out"
              ''
          }
          ${postFetch}
          ${extraPostFetch}
          chmod 755 "$out"
        '';
      }
  );
  forge =
    archive:
    lib.makeOverridable (
      {
        owner,
        repo,
        rev ? null,
        tag ? null,
        name ? "source",
        githubBase ? "github.com",
        domain ? "gitlab.com",
        fetchSubmodules ? false,
        leaveDotGit ? false,
        deepClone ? false,
        sparseCheckout ? [ ],
        forceFetchGit ? false,
        private ? false,
        meta ? { },
        passthru ? { },
        ...
      }@arguments:
      let
        revision =
          if rev != null then
            rev
          else if tag != null then
            "refs/tags/${tag}"
          else
            throw "fetching ${owner}/${repo} requires `rev` or `tag`";
        place = archive {
          inherit
            owner
            repo
            githubBase
            domain
            ;
          rev = revision;
        };
        source =
          if fetchSubmodules || leaveDotGit || deepClone || forceFetchGit || sparseCheckout != [ ] then
            fetchgit {
              inherit
                name
                fetchSubmodules
                leaveDotGit
                deepClone
                ;
              url = place.git;
              rev = revision;
              hash = hashOf "fetching ${owner}/${repo}" arguments;
            }
          else
            fetchzip (
              {
                inherit name;
                url = place.url;
                hash = hashOf "fetching ${owner}/${repo}" arguments;
              }
              // lib.optionalAttrs (arguments ? postFetch) { inherit (arguments) postFetch; }
            );
      in
      source
      // {
        inherit
          owner
          repo
          tag
          passthru
          ;
        rev = revision;
        meta = {
          homepage = place.homepage;
        }
        // meta;
        gitRepoUrl = place.git;
      }
    );
  fetchgit = lib.makeOverridable (
    {
      url,
      rev ? null,
      tag ? null,
      name ? "source",
      fetchSubmodules ? false,
      leaveDotGit ? false,
      deepClone ? false,
      ...
    }@arguments:
    let
      isCommit = rev != null && builtins.match "[0-9a-f]{40}" rev != null;
      outPath =
        (builtins.fetchGit (
          {
            inherit url name;
            submodules = fetchSubmodules;
          }
          // (
            if isCommit then
              {
                inherit rev;
                allRefs = true;
              }
            else
              { ref = if tag != null then "refs/tags/${tag}" else if rev != null then rev else "HEAD"; }
          )
        )).outPath;
    in
    if leaveDotGit then
      throw "fetchgit: `leaveDotGit` is not supported by the bundled package set"
    else
      {
        inherit outPath name url;
        rev = if rev != null then rev else tag;
        __toString = _: outPath;
      }
  );
in
{
  inherit fetchzip fetchgit;
  fetchFromGitHub = forge (
    {
      owner,
      repo,
      rev,
      githubBase,
      ...
    }:
    {
      url = "https://${githubBase}/${owner}/${repo}/archive/${rev}.tar.gz";
      git = "https://${githubBase}/${owner}/${repo}.git";
      homepage = "https://${githubBase}/${owner}/${repo}/";
    }
  );
  fetchFromGitLab = forge (
    {
      owner,
      repo,
      rev,
      domain,
      ...
    }:
    {
      url = "https://${domain}/api/v4/projects/${lib.escapeURL "${owner}/${repo}"}/repository/archive.tar.gz?sha=${lib.escapeURL rev}";
      git = "https://${domain}/${owner}/${repo}.git";
      homepage = "https://${domain}/${owner}/${repo}/";
    }
  );
  fetchFromCodeberg = forge (
    { owner, repo, rev, ... }:
    {
      url = "https://codeberg.org/${owner}/${repo}/archive/${rev}.tar.gz";
      git = "https://codeberg.org/${owner}/${repo}.git";
      homepage = "https://codeberg.org/${owner}/${repo}/";
    }
  );
  fetchFromBitbucket = forge (
    { owner, repo, rev, ... }:
    {
      url = "https://bitbucket.org/${owner}/${repo}/get/${rev}.tar.gz";
      git = "https://bitbucket.org/${owner}/${repo}.git";
      homepage = "https://bitbucket.org/${owner}/${repo}/";
    }
  );
  fetchTarball = builtins.fetchTarball;
  fetchpatch =
    {
      url,
      name ? builtins.baseNameOf url,
      stripLen ? 0,
      includes ? [ ],
      excludes ? [ ],
      revert ? false,
      ...
    }@arguments:
    if stripLen != 0 || includes != [ ] || excludes != [ ] || revert then
      throw "fetchpatch: `stripLen`, `includes`, `excludes` and `revert` are not supported by the bundled package set"
    else
      final.fetchurl {
        inherit url name;
        hash = hashOf "fetchpatch" arguments;
      };
  fetchpatch2 = final.fetchpatch;
  fetchsvn = _: throw "fetchsvn is not in the bundled package set";
  fetchhg = _: throw "fetchhg is not in the bundled package set";
  fetchDebianPatch = _: throw "fetchDebianPatch is not in the bundled package set";

  fetchPypi =
    let
      sdist =
        {
          pname,
          version,
          extension ? "tar.gz",
        }:
        "mirror://pypi/${builtins.substring 0 1 pname}/${pname}/${pname}-${version}.${extension}";
      wheel =
        {
          pname,
          version,
          dist ? "py2.py3",
          python ? "py2.py3",
          abi ? "none",
          platform ? "any",
        }:
        "mirror://pypi/${builtins.substring 0 1 pname}/${pname}/${pname}-${version}-${python}-${abi}-${platform}.whl";
      computeUrl =
        {
          format ? "setuptools",
          ...
        }@attrs:
        (if format == "wheel" then wheel else sdist) (removeAttrs attrs [ "format" ]);
    in
    lib.makeOverridable (
      {
        format ? "setuptools",
        sha256 ? "",
        hash ? "",
        pname,
        version,
        ...
      }@attrs:
      let
        url = computeUrl (
          removeAttrs attrs [
            "sha256"
            "hash"
            "meta"
            "passthru"
          ]
        );
      in
      final.fetchurl (
        {
          inherit url;
        }
        // (if hash != "" || attrs ? hash then { inherit hash; } else { inherit sha256; })
      )
    );
}
