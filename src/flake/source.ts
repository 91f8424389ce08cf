/**
 * Fetching what references name, each once: where the tree is, what the input is in a lock file's terms, and how
 * messages name the tree. Nix calls it the input cache.
 */
import type { ByteString } from "../format/bytes.ts";
import { BrumaError } from "../format/error.ts";
import { segmentsToPath, tryParseUrl } from "../format/url.ts";
import { Context, opaqueElement } from "../language/context.ts";
import { asEvaluationError, EvaluationError } from "../language/errors.ts";
import type { NixEvaluator } from "../language/evaluator.ts";
import type { FlakeAttributes } from "../language/flake-reference.ts";
import { narHashOf } from "../language/input-schemes.ts";
import { canonPath } from "../language/path.ts";
import { makeString, noPos, type Value } from "../language/value.ts";
import { inputKey, show } from "./reference.ts";
import { Registries, type RegistrySource, type UseRegistries } from "./registry.ts";

/** What this floor asks of the program around it. */
export interface FlakeSurroundings {
  /** In the order in which they are asked. */
  readonly registries: readonly RegistrySource[];
  /** False: names are never looked up (`use-registries`). */
  readonly useRegistries: boolean;
  /** Does the world itself answer for this input (the bundled package set for nixpkgs)? */
  readonly answers: (input: FlakeAttributes) => boolean;
}

export interface Source {
  /** Store path, or a directory outside of the store for what the world answers itself. */
  readonly path: ByteString;
  readonly inStore: boolean;
  /** What the reference stood for, before it was locked. */
  readonly resolved: FlakeAttributes;
  readonly locked: FlakeAttributes;
  /** A directory that a registry's entry names. */
  readonly dir: ByteString | undefined;
  /** What stands for the tree's top in messages. */
  readonly shownPath: ByteString;
  /** The working tree of a Git repository that it was copied from. */
  readonly workingTree: ByteString | undefined;
}

export class Sources {
  readonly surroundings: FlakeSurroundings;
  readonly #ev: NixEvaluator;
  readonly #registries: Registries;
  readonly #known = new Map<string, Source>();

  constructor(ev: NixEvaluator, surroundings: FlakeSurroundings) {
    this.#ev = ev;
    this.surroundings = surroundings;
    this.#registries = new Registries(surroundings.registries);
  }

  /** What a name stands for, unless the world answers for it. @throws EvaluationError */
  lookUp(input: FlakeAttributes, use: UseRegistries): FlakeAttributes {
    return this.surroundings.answers(input) ? input : this.#registries.resolve(this.#ev, input, use).input;
  }

  /** @throws EvaluationError when it cannot be had, or does not have the hash or commit it states */
  fetch(input: FlakeAttributes, use: UseRegistries): Source {
    const key = inputKey(input);
    let source = this.#known.get(key);
    if (source === undefined) {
      source = this.#fetch(input, use);
      this.#known.set(key, source);
    }
    return source;
  }

  #fetch(given: FlakeAttributes, use: UseRegistries): Source {
    const ev = this.#ev;
    let resolved: { input: FlakeAttributes; dir: ByteString | undefined } = { input: given, dir: undefined };
    if (given.get("type") === "indirect" && !this.surroundings.answers(given)) {
      if (use === "no")
        throw ev.error(
          `'${show(ev, { input: given, dir: "" })}' is an indirect flake reference, but registry lookups are not allowed`,
        );
      resolved = this.#registries.resolve(ev, given, use);
    }
    const { input, dir } = resolved;
    // A malformed hash is told before anything is fetched.
    narHashOf(ev, input);
    try {
      if (input.get("type") === "hg") throw new BrumaError("Mercurial repositories are not supported");
      const {
        path,
        inStore,
        locked = new Map(),
      } = ev.world.fetch({
        kind: "tree",
        attributes: input,
        lock: true,
      });
      ev.files.allow(path);
      const workingTree = this.#workingTree(input);
      return {
        path,
        inStore,
        resolved: input,
        locked: inStore ? locked : input,
        dir,
        shownPath: workingTree ?? this.#shownPath(path, input, locked),
        workingTree,
      };
    } catch (error) {
      throw this.#whileFetching(error, input);
    }
  }

  /** The directory that a Git input without branch and commit means, if it is on this machine. */
  #workingTree(input: FlakeAttributes): ByteString | undefined {
    const address = input.get("url");
    if (input.get("type") !== "git" || input.has("ref") || input.has("rev") || typeof address !== "string")
      return undefined;
    const url = tryParseUrl(address, true);
    if (url?.scheme !== "file" || url.path[0] !== "") return undefined;
    const path = canonPath(segmentsToPath(url.path));
    // Of a bare repository the commit is taken.
    return this.#ev.world.fileType(`${path}/.git`) === undefined ? undefined : path;
  }

  #whileFetching(error: unknown, input: FlakeAttributes): unknown {
    const known = asEvaluationError(error);
    if (!(known instanceof EvaluationError)) return error;
    if (known.exitCode === 102) return known;
    return known.addTrace(noPos, `while fetching the input '${show(this.#ev, { input, dir: "" })}'`);
  }

  #shownPath(path: ByteString, input: FlakeAttributes, locked: FlakeAttributes): ByteString {
    const type = input.get("type");
    if (type === "path" || locked.size === 0) return path;
    const quoted = (shown: FlakeAttributes) => `\xc2\xab${show(this.#ev, { input: shown, dir: "" })}\xc2\xbb`;
    if (type === "tarball" || type === "file") return quoted(input);
    const shown = new Map(locked);
    if (!input.has("narHash")) shown.delete("narHash");
    return quoted(shown);
  }

  /** The tree of a lock file's entry. */
  fetchLocked(locked: FlakeAttributes): { path: ByteString; inStore: boolean; locked: FlakeAttributes } {
    const ev = this.#ev;
    try {
      const found = ev.world.fetch({
        kind: "tree",
        attributes: new Map<ByteString, ByteString | bigint | boolean>([
          // The history is of no use: what it would tell is in the lock file.
          ...(locked.get("type") === "git" ? ([["shallow", true]] as const) : []),
          ...locked,
          ["__final", true],
        ]),
      });
      const { path, inStore } = found;
      ev.files.allow(path);
      return { path, inStore, locked: found.locked ?? new Map() };
    } catch (error) {
      throw this.#whileFetching(error, locked);
    }
  }
}

/** A path in a fetched tree as a value; in the store, its context is the tree's. */
export function pathValue(path: ByteString, root: ByteString, inStore: boolean): Value {
  return inStore ? makeString(path, Context.of(opaqueElement(root))) : path;
}
