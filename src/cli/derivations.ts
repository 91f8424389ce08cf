/**
 * From a value to the derivations in it: what `nix-build` and `nix-instantiate` mean by "all packages of this file".
 *
 * Functions are called with the given arguments, sets are searched (one level, deeper where a set says
 * `recurseForDerivations`), lists element by element; the same set is taken once. Manual: `nix-env`, `nix-build`.
 */
import type { ByteString } from "../format/bytes.ts";
import { Attrs } from "../language/attrs.ts";
import { EvaluationError } from "../language/errors.ts";
import { type Evaluator, force, noPos, type Slot, textOf, type Value } from "../language/value.ts";

export interface FoundDerivation {
  readonly attrPath: ByteString;
  readonly name: ByteString;
  /** @throws EvaluationError */
  readonly drvPath: ByteString;
  /** Which output the value itself means; "": none. @throws EvaluationError */
  readonly outputName: ByteString;
  readonly value: Attrs;
}

/** Calls a function with arguments by name (`--arg`), if it takes a set with names; anything else stays as it is. */
export type AutoCall = (slot: Slot) => Value;

const attributeName = /^[A-Za-z_][A-Za-z0-9_+-]*$/;

/** The paths are worked out when they are asked for: of many derivations those before one that fails can be used. */
class Found implements FoundDerivation {
  readonly #ev: Evaluator;
  readonly attrPath: ByteString;
  readonly name: ByteString;
  readonly value: Attrs;
  #drvPath: ByteString | undefined;
  #outputName: ByteString | undefined;

  /** @throws EvaluationError if there is no name */
  constructor(ev: Evaluator, attrPath: ByteString, value: Attrs) {
    this.#ev = ev;
    this.attrPath = attrPath;
    this.value = value;
    const name = value.get("name");
    if (name === undefined) throw ev.typeError("derivation name missing");
    this.name = textOf(ev.forceString(name, noPos, "while evaluating the 'name' attribute of a derivation"));
  }

  get drvPath(): ByteString {
    this.#drvPath ??= this.#findPath();
    return this.#drvPath;
  }

  #findPath(): ByteString {
    const ev = this.#ev;
    const slot = this.value.get("drvPath");
    if (slot === undefined) throw ev.error("derivation does not contain a 'drvPath' attribute");
    const pos = this.value.posOf("drvPath");
    const context = "while evaluating the 'drvPath' attribute of a derivation";
    const { path } = ev.coerceToStorePath(slot, pos, context);
    if (path.endsWith(".drv")) return path;
    const shown = path.slice(ev.world.storeDir.length + 1);
    throw ev.error(`store path '${shown}' is not a valid derivation path`).addTrace(pos, context);
  }

  get outputName(): ByteString {
    if (this.#outputName === undefined) {
      const slot = this.value.get("outputName");
      const context = "while evaluating the output name of a derivation";
      this.#outputName = slot === undefined ? "" : textOf(this.#ev.forceString(slot, noPos, context));
    }
    return this.#outputName;
  }
}

/** @throws EvaluationError when the value holds no derivation and is no set or list */
export function findDerivations(ev: Evaluator, root: Slot, autoCall: AutoCall): FoundDerivation[] {
  const found: FoundDerivation[] = [];
  const done = new Set<Attrs>();

  /** Takes a derivation; tells whether it makes sense to look inside. */
  const take = (slot: Slot, attrPath: ByteString): boolean => {
    const value = force(slot);
    if (!(value instanceof Attrs) || !ev.isDerivation(value)) return true;
    if (done.has(value)) return false;
    done.add(value);
    found.push(new Found(ev, attrPath, value));
    return false;
  };

  const search = (slot: Slot, prefix: ByteString): void => {
    const value = autoCall(slot);
    if (!take(value, prefix)) return;
    const below = (name: string) => (prefix === "" ? name : `${prefix}.${name}`);
    if (value instanceof Attrs) {
      const combine = value.has("_combineChannels");
      for (const name of value.keys) {
        if (!attributeName.test(name)) continue;
        try {
          const inner = value.get(name)!;
          if (combine) search(inner, below(name));
          else if (take(inner, below(name))) {
            const set = force(inner);
            if (!(set instanceof Attrs)) continue;
            const recurse = set.get("recurseForDerivations");
            const context = "while evaluating the attribute `recurseForDerivations`";
            const pos = set.posOf("recurseForDerivations");
            if (recurse !== undefined && ev.forceBool(recurse, pos, context)) search(set, below(name));
          }
        } catch (error) {
          if (error instanceof EvaluationError)
            error.addTrace(value.posOf(name), `while evaluating the attribute '${name}'`);
          throw error;
        }
      }
    } else if (Array.isArray(value)) {
      value.forEach((element: Slot, index: number) => {
        if (take(element, below(String(index)))) search(element, below(String(index)));
      });
    } else throw ev.typeError("expression does not evaluate to a derivation (or a set or list of those)");
  };

  search(root, "");
  return found;
}
