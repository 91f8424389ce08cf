/**
 * The sandbox contract: what a builder may see, turned into the arguments of bubblewrap.
 *
 * The builder gets an empty, read-only root; the input closure read-only at its logical paths in a store directory of
 * the build's own, where it makes its outputs; its build directory; a private /tmp, /dev, /proc and /etc. All
 * namespaces are its own, it is process 1 of its own (so that whatever it leaves behind dies with it), it holds no
 * capability, and it has no network unless its output's hash is fixed. DESIGN "The sandbox is real or the build fails".
 *
 * The mount points of the inputs lie below a directory that the builder can write. That is safe here (and was the
 * fault of CVE-2026-87766 elsewhere) because the directory is fresh: nothing of the builder's runs before they exist.
 *
 * Deviations from Nix: standard output is a pipe, not a terminal; the NIS domain name stays the host's; the root
 * directory and /dev are read-only; with bubblewrap before 0.9 the builder's argv[0] is its whole path.
 */
import { lstatSync, readlinkSync } from "node:fs";
import type { ByteString } from "../format/bytes.ts";
import { fromBuffer, toBuffer } from "../format/bytes.ts";
import { BuildError } from "./result.ts";

/** User and group inside; the same numbers as in Nix, for tools that print them. */
export const sandboxUid = 1000;
export const sandboxGid = 100;
/** Where the build directory appears. */
export const sandboxBuildDir = "/build";

/** More arguments than this bubblewrap refuses, whichever way they come. */
const maxArguments = 9000;

export interface SandboxSpec {
  /** Logical store directory, `/nix/store`. */
  readonly storeDir: ByteString;
  /** Input closure: logical path → where it lies on the host. */
  readonly inputs: ReadonlyMap<ByteString, ByteString>;
  /** Host directory that becomes the store directory inside; empty, private, writable by the builder. */
  readonly outputArea: ByteString;
  /** Host directories that become /build, /tmp (mode 1777) and /etc. */
  readonly buildDir: ByteString;
  readonly tmpDir: ByteString;
  readonly etcDir: ByteString;
  /** Host path of a shell to show at /bin/sh. Whatever it loads must be among the inputs or be nothing. */
  readonly shell: ByteString | undefined;
  /** Share the host's network. Only for fixed outputs. */
  readonly network: boolean;
  readonly builder: ByteString;
  /** Without argv[0]. */
  readonly args: readonly ByteString[];
  readonly env: ReadonlyMap<ByteString, ByteString>;
  /** Whether the helper knows `--argv0` (bubblewrap 0.9). */
  readonly hasArgv0: boolean;
  /**
   * Outside, the builder's user is root itself. The kernel lets that user write its settings below /proc without any
   * capability (core_pattern, and with it the host), so /proc is read-only then.
   */
  readonly asRoot: boolean;
}

/** Descriptors that the helper is started with; see `first-stage.ts`. */
export const helperDescriptors = { args: 3, seccomp: 4, status: 5 } as const;

/**
 * What follows the helper's own words: `argv`, which points at the options and ends with the builder's command, and
 * `argsFile`, the options, each ended by a NUL, for descriptor 3. A builder's variables never enter the helper's own
 * environment.
 * @throws BuildError if there are more inputs than the helper can mount, or a name that no process can be given.
 */
export function sandboxArguments(spec: SandboxSpec): { argv: ByteString[]; argsFile: Buffer } {
  const args: ByteString[] = [
    ...["--die-with-parent", "--as-pid-1", "--unshare-all", "--unshare-user", "--new-session"],
    ...(spec.network ? ["--share-net"] : []),
    ...["--uid", `${sandboxUid}`, "--gid", `${sandboxGid}`, "--cap-drop", "ALL", "--hostname", "localhost"],
    ...["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm", "--remount-ro", "/dev"],
    ...[
      "--ro-bind",
      spec.etcDir,
      "/etc",
      "--bind",
      spec.tmpDir,
      "/tmp",
      "--bind",
      spec.buildDir,
      sandboxBuildDir,
    ],
  ];
  if (spec.asRoot) args.push("--remount-ro", "/proc");
  for (const directory of parents(spec.storeDir)) args.push("--perms", "0755", "--dir", directory);
  args.push("--bind", spec.outputArea, spec.storeDir);
  // In order of name, so that the same build is set up in the same way each time.
  for (const logical of [...spec.inputs.keys()].sort()) {
    const physical = spec.inputs.get(logical) as ByteString;
    // A link cannot be mounted: the same link is made instead.
    const buffer = toBuffer(physical);
    if (lstatSync(buffer).isSymbolicLink()) {
      args.push("--symlink", fromBuffer(readlinkSync(buffer, { encoding: "buffer" })), logical);
    } else args.push("--ro-bind", physical, logical);
  }
  if (spec.shell !== undefined)
    args.push("--perms", "0755", "--dir", "/bin", "--ro-bind", spec.shell, "/bin/sh");
  args.push("--remount-ro", "/", "--chdir", sandboxBuildDir, "--clearenv");
  for (const [name, value] of spec.env) {
    if (name === "" || name.includes("=")) {
      throw new BuildError(`a builder cannot be given a variable with the name '${name}'`, {
        kind: "input-rejected",
      });
    }
    args.push("--setenv", name, value);
  }
  if (spec.hasArgv0) args.push("--argv0", spec.builder.slice(spec.builder.lastIndexOf("/") + 1));
  if (args.length > maxArguments) {
    throw new BuildError(`the input closure is too large for the sandbox: ${spec.inputs.size} store paths`, {
      kind: "sandbox",
      hint: "About 2900 paths can be shown to one builder.",
    });
  }
  const command = [spec.builder, ...spec.args];
  for (const argument of [...args, ...command]) {
    if (argument.includes("\0")) {
      throw new BuildError("a builder's arguments and variables cannot contain NUL bytes", {
        kind: "input-rejected",
      });
    }
  }
  return {
    argv: [
      ...["--args", `${helperDescriptors.args}`, "--seccomp", `${helperDescriptors.seccomp}`],
      ...["--json-status-fd", `${helperDescriptors.status}`, "--", ...command],
    ],
    argsFile: toBuffer(args.map((argument) => `${argument}\0`).join("")),
  };
}

/** Every directory above a path, the root left out, outermost first. */
function parents(path: ByteString): ByteString[] {
  const all: ByteString[] = [];
  for (let slash = path.indexOf("/", 1); slash > 0; slash = path.indexOf("/", slash + 1))
    all.push(path.slice(0, slash));
  return all;
}

/**
 * The files of /etc inside, name → contents. For builds with network, those of the host that name resolution and
 * certificate checks read are to be added: see `hostNetworkFiles`.
 */
export function etcFiles(network: boolean): Map<string, string> {
  const files = new Map([
    [
      "passwd",
      `root:x:0:0:Nix build user:${sandboxBuildDir}:/noshell\n` +
        `nixbld:x:${sandboxUid}:${sandboxGid}:Nix build user:${sandboxBuildDir}:/noshell\n` +
        "nobody:x:65534:65534:Nobody:/:/noshell\n",
    ],
    ["group", `root:x:0:\nnixbld:!:${sandboxGid}:\nnogroup:x:65534:\n`],
  ]);
  if (network) files.set("nsswitch.conf", "hosts: files dns\nservices: files\n");
  else files.set("hosts", "127.0.0.1 localhost\n::1 localhost\n");
  return files;
}

/** Host files shown in /etc to builds with network access, where they exist. */
export const hostNetworkFiles = ["resolv.conf", "services", "hosts"] as const;
