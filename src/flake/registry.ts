/**
 * Flake registries: what `nixpkgs` stands for. Manual: "nix registry".
 *
 * Asked in this order: the user's, the system's, the global one, which is downloaded when the others do not know. The
 * inputs of flakes ask the global one alone, so that a lock file does not depend on who made it.
 */
import { type ByteString, toBytes, toText } from "../format/bytes.ts";
import { BrumaError } from "../format/error.ts";
import { EvaluationError } from "../language/errors.ts";
import type { FlakeAttributes } from "../language/flake-reference.ts";
import { type Evaluator, noPos } from "../language/value.ts";
import {
  type FlakeReference,
  inputKey,
  referenceFromAttributes,
  revisionsOf,
  sameInput,
  show,
  withRevision,
} from "./reference.ts";

/** "limited": the global registry alone. */
export type UseRegistries = "all" | "limited" | "no";

export interface RegistrySource {
  readonly kind: "user" | "system" | "global";
  /** A file, or an address; for messages. */
  readonly place: string;
  /** Its text; undefined if there is none. Called at most once. @throws BrumaError when it cannot be had */
  readonly read: () => ByteString | undefined;
}

interface Entry {
  readonly from: FlakeAttributes;
  readonly to: FlakeReference;
  readonly exact: boolean;
}

export interface Resolved {
  readonly input: FlakeAttributes;
  /** The directory that the registry's entry names. */
  readonly dir: ByteString | undefined;
}

export class Registries {
  readonly #sources: readonly RegistrySource[];
  readonly #entries = new Map<RegistrySource, readonly Entry[]>();
  /** Why a registry could not be had. */
  #failure: { source: RegistrySource; error: BrumaError } | undefined;

  constructor(sources: readonly RegistrySource[]) {
    this.#sources = sources;
  }

  /** What an input stands for. @throws EvaluationError if it is a name that no registry knows */
  resolve(ev: Evaluator, given: FlakeAttributes, use: UseRegistries): Resolved {
    let input = given;
    let dir: ByteString | undefined;
    for (let steps = 0; use !== "no"; steps++) {
      if (steps >= 100)
        throw ev.error(`cycle detected in flake registry for '${show(ev, { input, dir: "" })}'`);
      const entry = this.#find(ev, input, use);
      if (entry === undefined) break;
      dir = entry.to.dir === "" ? undefined : entry.to.dir;
      if (entry.exact) input = entry.to.input;
      else {
        const stated = revisionsOf(ev, input);
        const ref = entry.from.has("ref") ? undefined : stated.ref;
        const rev = entry.from.has("rev") ? undefined : stated.rev;
        input = withRevision(ev, entry.to.input, ref, rev);
      }
    }
    if (use !== "no" && input.get("type") === "indirect") throw this.#unknown(ev, input);
    return { input, dir };
  }

  #unknown(ev: Evaluator, input: FlakeAttributes): Error {
    const message = `cannot find flake '${show(ev, { input, dir: "" })}' in the flake registries`;
    if (this.#failure === undefined) return ev.error(message);
    const { source, error } = this.#failure;
    const hint =
      `the registry ${source.place} cannot be had: ${error.message}. Name the flake by its address ` +
      "(github:OWNER/REPOSITORY, path:/…), or set 'flake-registry' to a file";
    return new EvaluationError("eval", message, noPos, { hint, exitCode: error.exitCode, cause: error });
  }

  #find(ev: Evaluator, input: FlakeAttributes, use: UseRegistries): Entry | undefined {
    for (const source of this.#sources) {
      if (use === "limited" && source.kind !== "global") continue;
      for (const entry of this.#entriesOf(ev, source))
        if (entry.exact ? sameInput(entry.from, input) : contains(entry.from, input)) return entry;
    }
    return undefined;
  }

  #entriesOf(ev: Evaluator, source: RegistrySource): readonly Entry[] {
    let entries = this.#entries.get(source);
    if (entries === undefined) {
      entries = this.#read(ev, source);
      this.#entries.set(source, entries);
    }
    return entries;
  }

  #read(ev: Evaluator, source: RegistrySource): readonly Entry[] {
    let text: ByteString | undefined;
    try {
      text = source.read();
    } catch (error) {
      if (!(error instanceof BrumaError)) throw error;
      this.#failure = { source, error };
    }
    if (text === undefined) return [];
    try {
      return parseRegistry(ev, text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      ev.world.message(`warning: cannot read flake registry '${toBytes(source.place)}': ${toBytes(reason)}`);
      return [];
    }
  }
}

/** Does an entry for `from` answer for `input`? A branch or commit more is no difference. */
function contains(from: FlakeAttributes, input: FlakeAttributes): boolean {
  if (sameInput(from, input)) return true;
  const plain = new Map(input);
  plain.delete("ref");
  plain.delete("rev");
  return inputKey(from) === inputKey(plain);
}

/** @throws EvaluationError, SyntaxError */
function parseRegistry(ev: Evaluator, text: ByteString): Entry[] {
  const json = JSON.parse(toText(text)) as { version?: unknown; flakes?: unknown } | null;
  const version = json?.version ?? 0;
  if (version !== 2) throw ev.error(`unsupported version ${toBytes(JSON.stringify(version))}`);
  const flakes = json?.flakes ?? [];
  if (!Array.isArray(flakes)) throw ev.error("its 'flakes' are not a list");
  return flakes.map((item: unknown): Entry => {
    const { from, to, exact } = (item ?? {}) as Record<string, unknown>;
    return {
      from: referenceFromAttributes(ev, attributesFromJson(ev, from)).input,
      to: referenceFromAttributes(ev, attributesFromJson(ev, to)),
      exact: exact === true,
    };
  });
}

/** Attributes of an input as lock files and registries have them. @throws EvaluationError */
export function attributesFromJson(
  ev: Evaluator,
  json: unknown,
): Map<ByteString, ByteString | bigint | boolean> {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw ev.error("the attributes of a flake input are not a set");
  const attributes = new Map<ByteString, ByteString | bigint | boolean>();
  for (const [name, value] of Object.entries(json)) {
    if (typeof value === "string") attributes.set(toBytes(name), toBytes(value));
    else if (typeof value === "boolean") attributes.set(toBytes(name), value);
    else if (Number.isSafeInteger(value) && (value as number) >= 0)
      attributes.set(toBytes(name), BigInt(value as number));
    else throw ev.error("unsupported input attribute type in lock file");
  }
  return attributes;
}
