/**
 * Runs the machine's `git`, so that nothing in a fetched repository runs here.
 *
 * Hooks, the file system monitor, external transports and prompts are off; submodules are never followed by git
 * itself; a ref or address that looks like an option is refused before. The user's configuration stays in force: it
 * says how to reach and pay for private hosts. Trees are written from git's objects by `TreeWriter`, never checked
 * out, so no filter or attribute of the repository has a say and no link is followed.
 */
import { spawn } from "node:child_process";
import { type ByteString, toBuffer, toText } from "../format/bytes.ts";
import { GitFetchError, withoutCredentials } from "./error.ts";
import type { FetchSettings } from "./settings.ts";
import type { TreeWriter } from "./tree-writer.ts";

const safeConfiguration = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.symlinks=true",
  "core.quotePath=true",
  "protocol.ext.allow=never",
  "protocol.fd.allow=never",
  "submodule.recurse=false",
  "fetch.recurseSubmodules=false",
  "fetch.writeCommitGraph=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "advice.detachedHead=false",
];

const allowedProtocols = "file:git:http:https:ssh";

export class Git {
  readonly #settings: FetchSettings;
  constructor(settings: FetchSettings) {
    this.#settings = settings;
  }

  #spawn(directory: string, args: readonly string[], extra: Readonly<Record<string, string>>) {
    const environment: Record<string, string | undefined> = {
      ...this.#settings.environment,
      GIT_TERMINAL_PROMPT: "0",
      GIT_ALLOW_PROTOCOL: allowedProtocols,
      GIT_OPTIONAL_LOCKS: "0",
      GIT_NO_REPLACE_OBJECTS: "1",
      LC_ALL: "C",
      ...extra,
    };
    // Variables that point git at another repository belong to whoever called us, in a hook for instance.
    for (const name of Object.keys(environment)) {
      if (
        /^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|COMMON_DIR|NAMESPACE|PREFIX|ALTERNATE_OBJECT_DIRECTORIES)$/.test(
          name,
        ) &&
        extra[name] === undefined
      ) {
        delete environment[name];
      }
    }
    const config = safeConfiguration.flatMap((pair) => ["-c", pair]);
    return spawn("git", [...config, "-C", directory, ...args], {
      env: environment as NodeJS.ProcessEnv,
      stdio: ["pipe", "pipe", "pipe"],
    });
  }

  /**
   * @returns standard output
   * @throws GitFetchError with git's own last words
   */
  async run(
    directory: string,
    args: readonly string[],
    options: { input?: string | Buffer; environment?: Readonly<Record<string, string>> } = {},
  ): Promise<Buffer> {
    const child = this.#spawn(directory, args, options.environment ?? {});
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.stdin.on("error", () => {}); // git may end before it has read all
    child.stdin.end(options.input);
    const code = await new Promise<number | string>((resolve, reject) => {
      child.on("error", (cause: NodeJS.ErrnoException) => {
        reject(
          cause.code === "ENOENT"
            ? new GitFetchError("git is needed to fetch a Git repository, and there is none on the PATH", {
                cause,
                hint: "Install git, or fetch an archive of the commit with fetchTarball.",
              })
            : cause,
        );
      });
      child.on("close", (status, signal) => resolve(status ?? signal ?? "unknown"));
    });
    if (code === 0) return Buffer.concat(out);
    const words = Buffer.concat(err).toString("utf8").trim();
    throw new GitFetchError(
      `git ${args.find((arg) => !arg.startsWith("-")) ?? ""} failed: ${withoutCredentials(words) || `status ${code}`}`,
    );
  }

  async text(directory: string, args: readonly string[]): Promise<string> {
    return (await this.run(directory, args)).toString("latin1").trimEnd();
  }

  /** As `text`, undefined where git fails. */
  async tryText(directory: string, args: readonly string[]): Promise<string | undefined> {
    try {
      return await this.text(directory, args);
    } catch (error) {
      if (error instanceof GitFetchError && !(error.cause instanceof Error)) return undefined;
      throw error;
    }
  }

  /** Contents of objects, in order, each whole. */
  async *objects(directory: string, ids: readonly string[]): AsyncGenerator<Buffer> {
    if (ids.length === 0) return;
    const child = this.#spawn(directory, ["cat-file", "--batch", "--buffer"], {});
    child.stdin.on("error", () => {});
    child.stdin.end(`${ids.join("\n")}\n`);
    child.stderr.resume();
    let held: Buffer = Buffer.alloc(0);
    const chunks = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const need = async (enough: (data: Buffer) => number): Promise<number> => {
      const parts = [held];
      let length = held.length;
      for (;;) {
        const found = enough(held);
        if (found >= 0) return found;
        const wanted = Math.max(-found, length + 1);
        while (length < wanted) {
          const { value, done } = await chunks.next();
          if (done) throw new GitFetchError("git cat-file ended too early");
          parts.push(value);
          length += value.length;
        }
        held = Buffer.concat(parts.splice(0), length);
        parts.push(held);
      }
    };
    try {
      for (const id of ids) {
        const end = await need((data) => data.indexOf(10));
        const header = held.toString("latin1", 0, end);
        const size = /^[0-9a-f]+ blob (\d+)$/.exec(header);
        if (size === null) throw new GitFetchError(`the Git object '${id}' cannot be read: ${header}`);
        held = held.subarray(end + 1);
        const length = Number(size[1]);
        await need((data) => (data.length > length ? length : -(length + 1)));
        yield held.subarray(0, length);
        held = held.subarray(length + 1);
      }
    } finally {
      child.kill();
    }
  }
}

export interface GitEntry {
  readonly mode: string;
  readonly id: string;
  readonly path: ByteString;
}

/** All entries below a commit, in depth. */
export async function listTree(git: Git, directory: string, rev: string): Promise<GitEntry[]> {
  const out = await git.run(directory, ["ls-tree", "-r", "-z", "--full-tree", rev]);
  const entries: GitEntry[] = [];
  for (const line of out.toString("latin1").split("\0")) {
    if (line === "") continue;
    const found = /^(\d+) \w+ ([0-9a-f]+)\t([\s\S]+)$/.exec(line);
    if (found === null) throw new GitFetchError(`git ls-tree says '${toText(line)}'`);
    entries.push({ mode: found[1]!, id: found[2]!, path: found[3]! });
  }
  return entries;
}

/**
 * The entries without those that `export-ignore` attributes leave out.
 * @param commit where the attributes are read: a commit, with a path for a temporary index; undefined: the working tree
 */
export async function withoutExportIgnored(
  git: Git,
  directory: string,
  commit: { readonly rev: string; readonly indexFile: string } | undefined,
  entries: readonly GitEntry[],
): Promise<readonly GitEntry[]> {
  if (!entries.some((entry) => /(^|\/)\.gitattributes$/.test(entry.path))) return entries;
  const environment: Record<string, string> =
    commit === undefined ? {} : { GIT_INDEX_FILE: commit.indexFile };
  if (commit !== undefined) await git.run(directory, ["read-tree", commit.rev], { environment });
  const directories = new Set<ByteString>();
  for (const { path } of entries) {
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1))
      directories.add(path.slice(0, at + 1));
  }
  const asked = [...directories, ...entries.map((entry) => entry.path)];
  const out = await git.run(
    directory,
    ["check-attr", "-z", "--stdin", ...(commit === undefined ? [] : ["--cached"]), "export-ignore"],
    {
      environment,
      input: toBuffer(asked.map((path) => `${path}\0`).join("")),
    },
  );
  const words = out.toString("latin1").split("\0");
  const ignored = new Set<ByteString>();
  for (let i = 0; i + 2 < words.length; i += 3) if (words[i + 2] === "set") ignored.add(words[i]!);
  if (ignored.size === 0) return entries;
  return entries.filter(({ path }) => {
    if (ignored.has(path)) return false;
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
      if (ignored.has(path.slice(0, at + 1))) return false;
    }
    return true;
  });
}

/** Writes entries below `prefix` (empty, or ending in a slash). A submodule becomes an empty directory. */
export async function writeEntries(
  git: Git,
  directory: string,
  entries: readonly GitEntry[],
  writer: TreeWriter,
  prefix: ByteString = "",
): Promise<void> {
  const blobs = entries.filter((entry) => entry.mode !== "160000");
  for (const entry of entries) if (entry.mode === "160000") writer.directory(prefix + entry.path);
  let next = 0;
  for await (const content of git.objects(
    directory,
    blobs.map((entry) => entry.id),
  )) {
    const { mode, path } = blobs[next++]!;
    if (mode === "120000") writer.symlink(prefix + path, content.toString("latin1"));
    else if (mode === "100644" || mode === "100755" || mode === "100664") {
      const file = writer.file(prefix + path, mode === "100755");
      file.write(content);
      file.close();
    } else throw new GitFetchError(`file '${toText(path)}' has an unsupported Git file type`);
  }
}
