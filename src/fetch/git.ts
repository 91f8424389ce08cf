/**
 * `builtins.fetchGit` and `git` inputs of `fetchTree`, as Nix 2.34 has them.
 *
 * A repository on this machine without `ref` and `rev` means its working tree: the files git knows of, with their
 * present contents, and no revision if something is changed. Everything else is a commit, fetched into a bare
 * repository below the cache directory and written from its objects. `fetchGit` leaves out `export-ignore`d files and
 * counts revisions; the builtin `fetchTree` asks for `shallow`, which does not. Submodules come only when asked for. Not done: Git LFS, signed commits.
 * Manual: `fetchGit`, `fetchTree` "Git fetcher".
 */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type ByteString, toBuffer, toBytes, toText } from "../format/bytes.ts";
import { isLegalRefName } from "../format/git-names.ts";
import { type Hash, hashBytes } from "../format/hash.ts";
import { sha256Base16 } from "../format/sha256.ts";
import { readAnswer, writeAnswer } from "./answer-cache.ts";
import { GitFetchError, withoutCredentials } from "./error.ts";
import type { FetchContext, InputAttributes } from "./fetch-context.ts";
import {
  addLastModified,
  addRevision,
  addTree,
  allowAttributes,
  booleanAttribute,
  expectedNarHash,
  type FetchInfo,
  lockedTree,
  result,
  type SchemeResult,
  textAttribute,
  withTemporaryDirectory,
} from "./fetched-tree.ts";
import { Git, listTree, withoutExportIgnored, writeEntries } from "./git-program.ts";
import { TreeWriter } from "./tree-writer.ts";

const attributeNames = [
  "url",
  "ref",
  "rev",
  "shallow",
  "submodules",
  "lfs",
  "exportIgnore",
  "lastModified",
  "revCount",
  "allRefs",
  "dirtyRev",
  "dirtyShortRev",
  "verifyCommit",
  "keytype",
  "publicKey",
  "publicKeys",
];

interface GitInput {
  /** Text. */
  readonly url: string;
  readonly ref: string | undefined;
  readonly rev: string | undefined;
  readonly shallow: boolean;
  readonly submodules: boolean;
  readonly exportIgnore: boolean;
  readonly allRefs: boolean;
  readonly name: ByteString;
  readonly narHash: Hash | undefined;
}

/** `git@host:path` → `ssh://git@host/path`; a plain path → `file://…`; `git+https:` → `https:`. */
export function fixGitUrl(url: string): string {
  if (/^git\+[a-z]+:/.test(url)) return url.slice(4);
  if (/^[a-z][a-z0-9+.-]*:/i.test(url) && !/^[^/:]+:(?!\/\/)/.test(url)) return url;
  const scp = /^([^/:@\s]+@)?([^/:\s]+):(?!\/\/)(.*)$/.exec(url);
  if (scp !== null && scp[1] !== undefined) return `ssh://${scp[1]}${scp[2]}/${scp[3]!.replace(/^\//, "")}`;
  if (url.startsWith("file:")) return url.startsWith("file:/") ? url : `file://${resolve(url.slice(5))}`;
  return url.startsWith("/") ? `file://${url}` : url;
}

function parseInput(attributes: InputAttributes, who: "fetchGit" | "fetchTree"): GitInput {
  allowAttributes(attributes, "git", attributeNames);
  const given = textAttribute(attributes, "url");
  if (given === undefined) throw new GitFetchError("attribute 'url' is missing");
  const url = fixGitUrl(toText(given));
  if (url.startsWith("-")) throw new GitFetchError(`'${url}' is no address of a Git repository`);
  const ref = textAttribute(attributes, "ref");
  if (ref !== undefined && !isLegalRefName(ref)) {
    throw new GitFetchError(`invalid Git branch/tag name '${toText(ref)}'`);
  }
  const rev = textAttribute(attributes, "rev") || undefined;
  if (rev !== undefined && !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(rev)) {
    throw new GitFetchError(`'${toText(rev)}' is no Git commit hash`, {
      hint: "A commit hash has 40 hexadecimal digits; a branch or tag goes to 'ref'.",
    });
  }
  for (const name of ["verifyCommit", "publicKey", "publicKeys", "keytype"]) {
    if (attributes.has(name))
      throw new GitFetchError("experimental Nix feature 'verified-fetches' is disabled");
  }
  if (booleanAttribute(attributes, "lfs")) {
    throw new GitFetchError("fetching files of Git LFS is not supported", {
      hint: "Leave out `lfs = true`.",
    });
  }
  const submodules = booleanAttribute(attributes, "submodules") ?? false;
  return {
    url,
    ref,
    rev,
    shallow: booleanAttribute(attributes, "shallow") ?? false,
    submodules,
    exportIgnore: booleanAttribute(attributes, "exportIgnore") ?? (who === "fetchGit" && !submodules),
    allRefs: booleanAttribute(attributes, "allRefs") ?? false,
    name: textAttribute(attributes, "name") ?? "source",
    narHash: expectedNarHash(attributes),
  };
}

/**
 * The directory of a repository with working tree on this machine, undefined for everything else.
 * @throws GitFetchError if nothing is there
 */
function localRepository(url: string): string | undefined {
  const found = /^file:(?:\/\/(?:localhost)?)?(\/[^?#]*)/.exec(url);
  if (found === null) return undefined;
  const path = decodeURIComponent(found[1]!);
  if (!fs.existsSync(path)) throw new GitFetchError(`Git repository "${path}" does not exist.`);
  return fs.existsSync(join(path, ".git")) ? path : undefined;
}

/** @throws GitFetchError; FetchError with exit status 102 if the tree has another hash */
export async function fetchGitInput(
  attributes: InputAttributes,
  context: FetchContext,
  who: "fetchGit" | "fetchTree",
  lock = false,
): Promise<SchemeResult> {
  const input = parseInput(attributes, who);
  if (input.rev !== undefined) {
    const locked = await lockedTree(new Map([["type", "git"], ...attributes]), context);
    if (locked !== undefined) return locked;
  }
  const git = new Git(context.settings);
  const local = localRepository(input.url);
  const info: FetchInfo =
    local !== undefined && input.ref === undefined && input.rev === undefined
      ? await fetchWorkingTree(git, local, input, context, who)
      : await fetchCommit(git, local, input, context);
  // What old expressions take for "not counted".
  if (who === "fetchGit" && input.shallow && info.has("rev")) info.set("revCount", 0n);
  const changes = new Map<string, ByteString>();
  if (lock && input.ref === undefined && info.has("rev")) {
    const branch = await headBranch(
      git,
      local,
      input,
      context,
      local !== undefined && input.rev === undefined,
    );
    if (branch !== undefined) changes.set("ref", branch);
  }
  const path = info.get("outPath") as Parameters<typeof result>[0];
  info.delete("outPath");
  info.set("submodules", input.submodules);
  return result(path, info, changes);
}

/**
 * The branch that a repository's HEAD means, as lock files have it.
 * @param detached whether it may be none (a working tree): otherwise `master` is taken for it, as Nix does
 */
async function headBranch(
  git: Git,
  local: string | undefined,
  input: GitInput,
  context: FetchContext,
  detached: boolean,
): Promise<ByteString | undefined> {
  if (local !== undefined) {
    const name = await git.tryText(local, ["symbolic-ref", "--quiet", "HEAD"]);
    if (name !== undefined && name !== "") return toBytes(name);
    if (detached) return undefined;
  } else {
    const key = `head:${input.url}`;
    const kept = readAnswer(key, context.settings);
    if (kept?.rev !== undefined && (kept.fresh || context.settings.offline)) return toBytes(kept.rev);
    const reachable = !context.settings.offline || input.url.startsWith("file:");
    const answer = reachable
      ? await git.tryText(tmpdir(), ["ls-remote", "--symref", "--end-of-options", input.url, "HEAD"])
      : undefined;
    const name = /^ref: (\S+)\tHEAD$/m.exec(answer ?? "")?.[1];
    if (name !== undefined && isLegalRefName(name)) {
      writeAnswer(key, { hash: hashBytes("sha256", toBytes(name)), rev: name }, context.settings);
      return toBytes(name);
    }
  }
  const place = local ?? withoutCredentials(input.url);
  context.sink?.({
    kind: "notice",
    text: `warning: could not read HEAD ref from repo at '${place}', using 'master'`,
  });
  return "master";
}

async function commitTime(git: Git, directory: string, rev: string): Promise<number> {
  return Number(await git.text(directory, ["log", "-1", "--format=%ct", "--no-show-signature", rev]));
}

async function countRevisions(git: Git, directory: string, rev: string, url: string): Promise<bigint> {
  if ((await git.text(directory, ["rev-parse", "--is-shallow-repository"])) === "true") {
    throw new GitFetchError(
      `'${withoutCredentials(url)}' is a shallow Git repository, but shallow repositories are only allowed when \`shallow = true;\` is specified`,
    );
  }
  return BigInt(await git.text(directory, ["rev-list", "--count", rev]));
}

/** Files of the working tree that git knows of. Nothing is said of those it does not. */
async function fetchWorkingTree(
  git: Git,
  directory: string,
  input: GitInput,
  context: FetchContext,
  who: "fetchGit" | "fetchTree",
): Promise<FetchInfo> {
  const head = await git.tryText(directory, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
  const status = await git.run(directory, [
    "status",
    "--porcelain",
    "-z",
    "--untracked-files=no",
    "--ignore-submodules=all",
  ]);
  const dirty = status.length > 0;
  const { dirtyTrees } = context.settings;
  if (dirty && dirtyTrees === "refuse") throw new GitFetchError(`Git tree '${directory}' is dirty`);
  if (dirty && dirtyTrees === "warn")
    context.sink?.({ kind: "notice", text: `warning: Git tree '${directory}' is dirty` });
  const info: FetchInfo = new Map();
  await withTemporaryDirectory(async (temporary) => {
    const tree = join(temporary, "tree");
    const writer = new TreeWriter(tree, directory, "any");
    await copyTracked(git, directory, writer, "", input);
    const { path, narHash } = addTree(tree, input.name, input.narHash, input.url, context);
    info.set("outPath", path);
    info.set("narHash", narHash.toSri());
  });
  if (!dirty) {
    // A repository without commits and files: as clean as can be.
    addRevision(info, head ?? "0".repeat(40));
    if (!input.shallow)
      info.set("revCount", head === undefined ? 0n : await countRevisions(git, directory, head, input.url));
  } else {
    if (who === "fetchGit") {
      // What old expressions take for "no revision".
      addRevision(info, "0".repeat(40));
      info.set("revCount", 0n);
    }
    if (head !== undefined) {
      info.set("dirtyRev", `${head}-dirty`);
      info.set("dirtyShortRev", `${head.slice(0, 7)}-dirty`);
    }
  }
  addLastModified(info, head === undefined ? 0 : await commitTime(git, directory, head));
  return info;
}

async function copyTracked(
  git: Git,
  directory: string,
  writer: TreeWriter,
  prefix: ByteString,
  input: GitInput,
): Promise<void> {
  const listing = (await git.run(directory, ["ls-files", "-z", "--stage", "--full-name"])).toString("latin1");
  const tracked = new Map<ByteString, { mode: string; id: string; path: ByteString }>();
  for (const line of listing.split("\0")) {
    const found = /^(\d+) ([0-9a-f]+) \d\t([\s\S]+)$/.exec(line);
    if (found !== null) tracked.set(found[3]!, { mode: found[1]!, id: found[2]!, path: found[3]! });
  }
  let entries: readonly { mode: string; id: string; path: ByteString }[] = [...tracked.values()];
  if (input.exportIgnore) entries = await withoutExportIgnored(git, directory, undefined, entries);
  for (const { mode, path } of entries) {
    const real = Buffer.concat([toBuffer(toBytes(directory)), toBuffer(`/${path}`)]);
    const state = fs.lstatSync(real, { throwIfNoEntry: false });
    if (mode === "160000") {
      // Left out altogether where it is not wanted; in the tree of a commit it is an empty directory.
      if (!input.submodules) continue;
      writer.directory(prefix + path);
      const inner = real.toString("utf8");
      if (fs.existsSync(join(inner, ".git"))) {
        await copyTracked(git, inner, writer, `${prefix}${path}/`, input);
      }
    } else if (state?.isSymbolicLink()) {
      writer.symlink(prefix + path, fs.readlinkSync(real, { encoding: "buffer" }).toString("latin1"));
    } else if (state?.isFile()) {
      const file = writer.file(prefix + path, (state.mode & 0o100) !== 0);
      file.write(fs.readFileSync(real));
      file.close();
    } // else it was deleted
  }
}

async function fetchCommit(
  git: Git,
  local: string | undefined,
  input: GitInput,
  context: FetchContext,
): Promise<FetchInfo> {
  const { directory, rev } = await locateCommit(git, local, input, context);
  const info: FetchInfo = new Map();
  await withTemporaryDirectory(async (temporary) => {
    const tree = join(temporary, "tree");
    const writer = new TreeWriter(tree, input.url, "any");
    await writeCommit(git, directory, rev, input, writer, "", context, 0);
    const { path, narHash } = addTree(tree, input.name, input.narHash, input.url, context);
    info.set("outPath", path);
    info.set("narHash", narHash.toSri());
  });
  addRevision(info, rev);
  if (!input.shallow) info.set("revCount", await countRevisions(git, directory, rev, input.url));
  addLastModified(info, await commitTime(git, directory, rev));
  return info;
}

const maxSubmoduleDepth = 32;

async function writeCommit(
  git: Git,
  directory: string,
  rev: string,
  input: GitInput,
  writer: TreeWriter,
  prefix: ByteString,
  context: FetchContext,
  depth: number,
): Promise<void> {
  let entries: readonly Awaited<ReturnType<typeof listTree>>[number][] = await listTree(git, directory, rev);
  if (input.exportIgnore) {
    entries = await withTemporaryDirectory((temporary) =>
      withoutExportIgnored(git, directory, { rev, indexFile: join(temporary, "index") }, entries),
    );
  }
  await writeEntries(git, directory, entries, writer, prefix);
  const modules = entries.filter((entry) => entry.mode === "160000");
  if (!input.submodules || modules.length === 0) return;
  if (depth >= maxSubmoduleDepth)
    throw new GitFetchError(`the submodules of '${input.url}' are nested too deep`);
  const known = await readModules(git, directory, rev);
  for (const module of modules) {
    const from = known.get(module.path);
    if (from === undefined) continue; // git itself ignores it, too
    const inner: GitInput = {
      ...input,
      url: resolveModuleUrl(input.url, from.url),
      ref: from.branch === "." ? input.ref : from.branch,
      rev: module.id,
      allRefs: true,
      narHash: undefined,
    };
    if (inner.ref !== undefined && !isLegalRefName(inner.ref)) {
      throw new GitFetchError(`invalid Git branch/tag name '${inner.ref}'`);
    }
    const found = await locateCommit(git, localRepository(inner.url), inner, context);
    await writeCommit(
      git,
      found.directory,
      found.rev,
      inner,
      writer,
      `${prefix}${module.path}/`,
      context,
      depth + 1,
    );
  }
}

/** `.gitmodules` of a commit: path → address and branch. */
async function readModules(
  git: Git,
  directory: string,
  rev: string,
): Promise<Map<string, { url: string; branch: string | undefined }>> {
  const text = await git.tryText(directory, ["config", "--blob", `${rev}:.gitmodules`, "-z", "--list"]);
  const sections = new Map<string, Map<string, string>>();
  for (const record of (text ?? "").split("\0")) {
    const found = /^submodule\.([\s\S]*)\.(path|url|branch)\n([\s\S]*)$/.exec(record);
    if (found === null) continue;
    const section = sections.get(found[1]!) ?? new Map<string, string>();
    section.set(found[2]!, found[3]!);
    sections.set(found[1]!, section);
  }
  const modules = new Map<string, { url: string; branch: string | undefined }>();
  for (const section of sections.values()) {
    const path = section.get("path");
    const url = section.get("url");
    if (path === undefined || url === undefined || url.startsWith("-")) continue;
    modules.set(path, { url, branch: section.get("branch") });
  }
  return modules;
}

/** A submodule's address may be relative to its parent's. */
export function resolveModuleUrl(parent: string, url: string): string {
  if (!/^\.\.?(\/|$)/.test(url)) return fixGitUrl(url);
  const base = parent.replace(/\/+$/, "").split("/");
  for (const part of url.split("/")) {
    if (part === "..") base.pop();
    else if (part !== "." && part !== "") base.push(part);
  }
  return base.join("/");
}

interface Commit {
  /** A repository that has it. */
  readonly directory: string;
  readonly rev: string;
}

async function hasCommit(git: Git, directory: string, rev: string): Promise<boolean> {
  return (await git.tryText(directory, ["cat-file", "-e", `${rev}^{commit}`])) !== undefined;
}

async function locateCommit(
  git: Git,
  local: string | undefined,
  input: GitInput,
  context: FetchContext,
): Promise<Commit> {
  const shown = withoutCredentials(input.url);
  if (local !== undefined) {
    const wanted = input.rev ?? input.ref ?? "HEAD";
    const rev = await git.tryText(local, [
      "rev-parse",
      "--verify",
      "--quiet",
      "--end-of-options",
      `${wanted}^{commit}`,
    ]);
    if (rev === undefined) {
      throw new GitFetchError(`the Git repository '${local}' has no commit '${wanted}'`);
    }
    return { directory: local, rev };
  }
  const directory = await cacheRepository(git, input, context);
  const { rev } = input;
  if (rev !== undefined) {
    if (!(await hasCommit(git, directory, rev))) await fetchRevision(git, directory, input, context, rev);
    if (!(await hasCommit(git, directory, rev))) {
      throw new GitFetchError(
        `Cannot find Git revision '${rev}' in ref '${input.ref ?? "HEAD"}' of repository '${shown}'! Please make sure that the rev exists on the ref you've specified or add allRefs = true; to fetchGit.`,
      );
    }
    return { directory, rev };
  }
  const ref = input.ref ?? "HEAD";
  const kept = `refs/bruma/${sha256Base16(Buffer.from(ref)).slice(0, 32)}`;
  const stamp = join(directory, `${kept.replaceAll("/", "-")}.stamp`);
  const age = Date.now() - (fs.statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const known = await git.tryText(directory, ["rev-parse", "--verify", "--quiet", `${kept}^{commit}`]);
  if (
    known !== undefined &&
    !input.allRefs &&
    (age < context.settings.ttl * 1000 || context.settings.offline)
  ) {
    return { directory, rev: known };
  }
  try {
    const names =
      ref === "HEAD" || ref.startsWith("refs/") ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
    let failure: unknown;
    for (const name of names) {
      try {
        await fetchRefs(git, directory, input, context, [`+${name}:${kept}`]);
        failure = undefined;
        break;
      } catch (error) {
        if (!(error instanceof GitFetchError)) throw error;
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    if (input.allRefs) await fetchRefs(git, directory, input, context, ["+refs/*:refs/all/*"]);
    fs.writeFileSync(stamp, "");
  } catch (error) {
    if (known === undefined || !(error instanceof GitFetchError)) throw error;
    context.sink?.({
      kind: "notice",
      text: `could not update local clone of Git repository '${shown}'; continuing with the most recent version`,
    });
  }
  return { directory, rev: await git.text(directory, ["rev-parse", "--verify", `${kept}^{commit}`]) };
}

/** The bare repository for an address, made if it is not there. Shallow ones are kept apart. */
async function cacheRepository(git: Git, input: GitInput, context: FetchContext): Promise<string> {
  const key = sha256Base16(Buffer.from(input.url)).slice(0, 40);
  const directory = join(context.settings.cacheDirectory, "git", key + (input.shallow ? "-shallow" : ""));
  if (fs.existsSync(join(directory, "HEAD"))) return directory;
  fs.mkdirSync(join(context.settings.cacheDirectory, "git"), { recursive: true });
  const temporary = fs.mkdtempSync(`${directory}.`);
  await git.run(temporary, ["init", "--quiet", "--bare", "--template=", "."]);
  try {
    fs.renameSync(temporary, directory);
  } catch (error) {
    // Another process was first.
    fs.rmSync(temporary, { recursive: true, force: true });
    if (!fs.existsSync(join(directory, "HEAD"))) throw error;
  }
  return directory;
}

async function fetchRefs(
  git: Git,
  directory: string,
  input: GitInput,
  context: FetchContext,
  refspecs: readonly string[],
): Promise<void> {
  if (context.settings.offline && !input.url.startsWith("file:")) {
    throw new GitFetchError(`cannot fetch '${withoutCredentials(input.url)}': the network is switched off`, {
      hint: "Run again without --offline (or BRUMA_OFFLINE).",
    });
  }
  const depth = input.shallow ? ["--depth=1"] : [];
  await git.run(directory, [
    "fetch",
    "--quiet",
    "--force",
    "--no-tags",
    "--no-recurse-submodules",
    "--no-write-fetch-head",
    ...depth,
    "--end-of-options",
    input.url,
    ...refspecs,
  ]);
}

/** A commit by its hash: asked for directly, else through the ref, else through all refs. */
async function fetchRevision(
  git: Git,
  directory: string,
  input: GitInput,
  context: FetchContext,
  rev: string,
): Promise<void> {
  const ref = input.ref ?? "HEAD";
  const byRef = ref === "HEAD" || ref.startsWith("refs/") ? ref : `refs/heads/${ref}`;
  const ways: string[][] = [[`+${rev}:refs/bruma/commit-${rev}`]];
  // A host that gives no single commits must be asked for histories, which a shallow repository has not.
  if (!input.shallow) ways.push([`+${byRef}:refs/bruma/via-${rev}`]);
  if (input.allRefs || !input.shallow) ways.push(["+refs/*:refs/all/*"]);
  let failure: GitFetchError | undefined;
  for (const refspecs of ways) {
    try {
      await fetchRefs(git, directory, input, context, refspecs);
      if (await hasCommit(git, directory, rev)) return;
    } catch (error) {
      if (!(error instanceof GitFetchError)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
}
