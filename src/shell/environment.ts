/**
 * The environment of a shell: the host's variables (few of them under `--pure`), then the derivation's.
 *
 * nix-shell's rules, and one of ours: nothing of the host's Python comes in. A PYTHONPATH or an activated venv would
 * put foreign packages before the environment's own, which is the commonest way such shells break.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ByteString, toBuffer, toText } from "../format/bytes.ts";

export interface ShellEnvironmentOptions {
  readonly host: NodeJS.ProcessEnv;
  readonly pure: boolean;
  /** More variables to keep under `--pure`. */
  readonly keep: readonly string[];
  readonly temporaryDirectory: string;
  readonly storeDir: string;
  /** Value of NIX_BUILD_CORES. */
  readonly cores: number;
  /** The derivation's variables, bytes. */
  readonly derivation: ReadonlyMap<ByteString, ByteString>;
  /** Names whose values go to files (`passAsFile`). */
  readonly passAsFile: ReadonlySet<ByteString>;
}

export interface ShellEnvironment {
  readonly variables: Record<string, string>;
  /** Of the host, taken out: names of Python's own variables that were set. */
  readonly removed: readonly string[];
}

const keptWhenPure = [
  ...[
    "HOME",
    "XDG_RUNTIME_DIR",
    "USER",
    "LOGNAME",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "WAYLAND_SOCKET",
    "PATH",
    "TERM",
  ],
  ...["IN_NIX_SHELL", "NIX_SHELL_PRESERVE_PROMPT", "TZ", "PAGER", "NIX_BUILD_SHELL", "SHLVL"],
  ...["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"],
  // Ours: where the store lies, for bruma inside the shell.
  ...["BRUMA_STORE_ROOT"],
];

/** Settings of the host's Pythons, which would change what the environment's Python imports. */
export const hostPythonVariables = [
  "PYTHONPATH",
  "PYTHONHOME",
  "PYTHONSTARTUP",
  "PYTHONEXECUTABLE",
  "PYTHONUSERBASE",
  "VIRTUAL_ENV",
  "VIRTUAL_ENV_PROMPT",
  "CONDA_PREFIX",
  "CONDA_DEFAULT_ENV",
  "CONDA_PYTHON_EXE",
  "__PYVENV_LAUNCHER__",
] as const;

/** Bruma's own, meant for this process alone. */
const internalVariables = ["BRUMA_STACK", "BRUMA_COMPILE_CACHE"];

/** Writes the files that `passAsFile` asks for. */
export function shellEnvironment(options: ShellEnvironmentOptions): ShellEnvironment {
  const variables: Record<string, string> = {};
  const kept = new Set([...keptWhenPure, ...options.keep]);
  const removed: string[] = [];
  const hostPython = new Set<string>(hostPythonVariables);
  for (const [name, value] of Object.entries(options.host)) {
    if (value === undefined || internalVariables.includes(name)) continue;
    if (hostPython.has(name) && !options.keep.includes(name)) removed.push(name);
    else if (!options.pure || kept.has(name)) variables[name] = value;
  }
  const activated = [options.host.VIRTUAL_ENV, options.host.CONDA_PREFIX].filter(
    (path) => path !== undefined && path !== "",
  );
  if (activated.length > 0 && variables.PATH !== undefined) {
    const gone = new Set(activated.map((path) => join(path!, "bin")));
    variables.PATH = variables.PATH.split(":")
      .filter((entry) => !gone.has(entry.replace(/\/+$/, "")))
      .join(":");
  }
  variables.IN_NIX_SHELL = options.pure ? "pure" : "impure";
  // Debian's and NixOS's /etc/bashrc would source /etc/profile, which resets PATH.
  if (options.pure) variables.__ETC_PROFILE_SOURCED = "1";
  for (const name of ["NIX_BUILD_TOP", "TMPDIR", "TEMPDIR", "TMP", "TEMP"])
    variables[name] = options.temporaryDirectory;
  variables.NIX_STORE = options.storeDir;
  variables.NIX_BUILD_CORES = String(options.cores);
  let files = 0;
  for (const [name, value] of options.derivation) {
    if (options.passAsFile.has(name)) {
      const path = join(options.temporaryDirectory, `.attr-${files++}`);
      writeFileSync(path, toBuffer(value));
      variables[`${toText(name)}Path`] = path;
    } else variables[toText(name)] = toText(value);
  }
  return { variables, removed };
}
