/**
 * From a lock file to values: every input becomes the result of its `outputs`, when it is first asked for.
 *
 * A flake's value is what its `outputs` gives, with `inputs`, `outputs`, `sourceInfo` and all of that, `outPath` and
 * `_type` over it; `self` is that value. An input with `flake = false` is its source. Inputs that locking fetched are
 * not fetched again; all others are when they are needed. Manual: "nix flake", "Flake format".
 */
import type { ByteString } from "../format/bytes.ts";
import { type Attrs, AttrsBuilder } from "../language/attrs.ts";
import { EvaluationError } from "../language/errors.ts";
import type { NixEvaluator } from "../language/evaluator.ts";
import { treeAttributes } from "../language/tree-attributes.ts";
import { force, isFunction, later, noPos, type Slot, type Value } from "../language/value.ts";
import { below, type Place, relativePlace } from "./flake.ts";
import type { LockedFlake } from "./lock.ts";
import { type Edge, LockedNode, type LockFile, type LockNode } from "./lock-file.ts";
import { type FlakeReference, relativePath } from "./reference.ts";
import { pathValue, type Sources } from "./source.ts";

/** A node of the lock file as values, made on demand. */
interface NodeValues {
  readonly sourceInfo: Slot;
  /** Where its files are. */
  readonly place: () => Place;
  readonly result: Slot;
}

/** @throws EvaluationError */
export function callFlake(ev: NixEvaluator, sources: Sources, locked: LockedFlake): Value {
  return force(new FlakeCaller(ev, sources, locked).values(locked.lockFile.root).result);
}

class FlakeCaller {
  readonly #ev: NixEvaluator;
  readonly #sources: Sources;
  readonly #locked: LockedFlake;
  readonly #lockFile: LockFile;
  readonly #known = new Map<LockNode, NodeValues>();

  constructor(ev: NixEvaluator, sources: Sources, locked: LockedFlake) {
    this.#ev = ev;
    this.#sources = sources;
    this.#locked = locked;
    this.#lockFile = locked.lockFile;
  }

  values(node: LockNode): NodeValues {
    let values = this.#known.get(node);
    if (values === undefined) {
      values = this.#make(node);
      this.#known.set(node, values);
    }
    return values;
  }

  #make(node: LockNode): NodeValues {
    const source = this.#source(node);
    const result = later(() => this.#result(node, source));
    return { ...source, result };
  }

  #source(node: LockNode): Pick<NodeValues, "sourceInfo" | "place"> {
    const known = this.#locked.places.get(node);
    const reference = node instanceof LockedNode ? node.locked : this.#locked.flake.locked;
    if (known !== undefined) {
      const forceDirty = !(node instanceof LockedNode) && this.#locked.isChanged;
      return { sourceInfo: this.#sourceInfo(known, reference, forceDirty), place: () => known };
    }
    const relative = relativePath(reference);
    if (relative !== undefined && node instanceof LockedNode)
      return this.#relativeSource(node, relative, reference.dir);
    let fetched: { place: Place; input: FlakeReference["input"] } | undefined;
    const fetch = () => {
      if (fetched === undefined) {
        const { path, inStore, locked } = this.#sources.fetchLocked(reference.input);
        fetched = {
          place: { root: path, directory: below(path, reference.dir), inStore },
          input: locked,
        };
      }
      return fetched;
    };
    const sourceInfo = later(() => {
      const { place, input } = fetch();
      return this.#sourceInfo(place, { input, dir: "" }, false);
    });
    return { sourceInfo, place: () => fetch().place };
  }

  #sourceInfo(place: Place, { input }: FlakeReference, forceDirty: boolean): Attrs {
    return treeAttributes(this.#ev, pathValue(place.root, place.root, place.inStore), input, { forceDirty });
  }

  #relativeSource(
    node: LockedNode,
    relative: ByteString,
    dir: ByteString,
  ): Pick<NodeValues, "sourceInfo" | "place"> {
    const parent = () => {
      const found = this.#lockFile.find(this.#ev, node.parent ?? []);
      if (found === undefined)
        throw this.#ev.error(
          `the lock file's input '${relative}' is relative to a non-existent input '${(node.parent ?? []).join("/")}'`,
        );
      return this.values(found);
    };
    const place = (): Place => {
      const from = parent().place();
      const { root, directory, inStore } = relativePlace(this.#ev, from, relative);
      const written = `${from.written ?? from.directory}/${relative}${dir === "" ? "" : `/${dir}`}`;
      return { root, directory: below(directory, dir), inStore, written };
    };
    return { sourceInfo: later(() => force(parent().sourceInfo)), place };
  }

  #resolve(edge: Edge, name: ByteString): LockNode {
    if (edge instanceof LockedNode) return edge;
    const node = this.#lockFile.find(this.#ev, edge);
    if (node === undefined)
      throw this.#ev.error(`the flake input '${name}' follows a non-existent input '${edge.join("/")}'`);
    return node;
  }

  #result(node: LockNode, { sourceInfo, place }: Pick<NodeValues, "sourceInfo" | "place">): Value {
    const ev = this.#ev;
    const outPath = later(() => {
      const { directory, written, root, inStore } = place();
      return pathValue(written ?? directory, root, inStore);
    });
    if (node instanceof LockedNode && !node.isFlake) {
      const info = ev.forceAttrs(sourceInfo, noPos, "");
      return info.update(new AttrsBuilder().set("sourceInfo", sourceInfo).set("outPath", outPath).build());
    }
    const path = `${place().directory}/flake.nix`;
    const flake = ev.forceAttrs(ev.importFile(path, noPos), noPos, "");
    const written = flake.get("outputs");
    if (written === undefined) throw new EvaluationError("missing-attribute", "attribute 'outputs' missing");
    if (!isFunction(force(written)))
      throw new EvaluationError("assertion", `the 'outputs' of the flake '${path}' are no function`);
    const inputs = new AttrsBuilder();
    for (const [name, edge] of node.sortedInputs)
      inputs.set(
        name,
        later(() => force(this.values(this.#resolve(edge, name)).result)),
      );
    const inputAttrs = inputs.build();
    const { result } = this.values(node);
    const outputs = later(() =>
      ev.call(written, inputAttrs.update(new AttrsBuilder().set("self", result).build()), noPos),
    );
    const over = new AttrsBuilder()
      .set("outPath", outPath)
      .set("inputs", inputAttrs)
      .set("outputs", outputs)
      .set("sourceInfo", sourceInfo)
      .set("_type", "flake")
      .build();
    return ev
      .forceAttrs(outputs, noPos, "while evaluating the outputs of a flake")
      .update(ev.forceAttrs(sourceInfo, noPos, ""))
      .update(over);
  }
}
