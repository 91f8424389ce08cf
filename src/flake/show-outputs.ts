/**
 * The tree of a flake's outputs (`nix flake show`), as Nix 2.34 draws it: what is known by its name is described, packages
 * of other systems and `legacyPackages` are left out unless they are asked for. Manual: "nix flake show".
 */
import type { ByteString } from "../format/bytes.ts";
import type { Attrs } from "../language/attrs.ts";
import { EvaluationError } from "../language/errors.ts";
import type { NixEvaluator } from "../language/evaluator.ts";
import { showAttributeName } from "../language/literal.ts";
import { force, noPos, type Slot, textOf } from "../language/value.ts";
import type { Json } from "./lock-file.ts";
import { treeLines } from "./metadata.ts";

export interface ShowOptions {
  readonly system: ByteString;
  readonly allSystems: boolean;
  readonly legacy: boolean;
  /** Lines go there as they are known; with JSON none, but warnings. */
  readonly line: (text: ByteString) => void;
  readonly json: boolean;
}

type Path = readonly ByteString[];

const bySystem = new Set(["apps", "checks", "devShells", "packages"]);
const byName = new Set([
  "defaultPackage",
  "devShell",
  "formatter",
  "nixosConfigurations",
  "nixosModules",
  "defaultApp",
  "templates",
  "overlays",
]);

export class OutputTree {
  readonly #ev: NixEvaluator;
  readonly #options: ShowOptions;

  constructor(ev: NixEvaluator, options: ShowOptions) {
    this.#ev = ev;
    this.#options = options;
  }

  /** @param header what stands for the flake @throws EvaluationError */
  show(outputs: Slot, header: ByteString): Json {
    return this.#visit(outputs, [], header, "");
  }

  #visit(slot: Slot, path: Path, header: ByteString, prefix: ByteString): Json {
    try {
      return this.#describe(slot, path, header, prefix);
    } catch (error) {
      // Some package of a large set is always broken.
      if (error instanceof EvaluationError && path[0] === "legacyPackages") return new Map();
      throw error;
    }
  }

  #attrs(slot: Slot): Attrs {
    return this.#ev.forceAttrs(slot, noPos, "");
  }

  #isOfOtherSystem(path: Path): boolean {
    return !this.#options.allSystems && path[1] !== this.#options.system;
  }

  #describe(slot: Slot, path: Path, header: ByteString, prefix: ByteString): Json {
    const [kind = ""] = path;
    const depth = path.length;
    if (depth === 0 || (depth === 1 && byName.has(kind)) || (depth <= 2 && bySystem.has(kind)))
      return this.#children(slot, path, header, prefix);
    const isPackage =
      (depth === 2 && ["defaultPackage", "devShell", "formatter"].includes(kind)) ||
      (depth === 3 && ["checks", "packages", "devShells"].includes(kind));
    if (isPackage) {
      if (this.#isOfOtherSystem(path)) return this.#omitted(path, header, "--all-systems");
      return this.#withoutImports(path, header, () => {
        if (this.#ev.isDerivation(slot)) return this.#derivation(slot, path, header);
        this.#warn(`${path.join(".")}.name is not a derivation`);
        return new Map();
      });
    }
    if (kind === "hydraJobs")
      return this.#withoutImports(path, header, () =>
        this.#ev.isDerivation(slot)
          ? this.#derivation(slot, path, header)
          : this.#children(slot, path, header, prefix),
      );
    if (kind === "legacyPackages") {
      if (depth === 1) return this.#children(slot, path, header, prefix);
      if (!this.#options.legacy) return this.#omitted(path, header, "--legacy");
      if (this.#isOfOtherSystem(path)) return this.#omitted(path, header, "--all-systems");
      return this.#withoutImports(path, header, () => {
        if (this.#ev.isDerivation(slot)) return this.#derivation(slot, path, header);
        return depth <= 2 ? this.#children(slot, path, header, prefix) : new Map<ByteString, Json>();
      });
    }
    if ((depth === 2 && kind === "defaultApp") || (depth === 3 && kind === "apps"))
      return this.#app(slot, header);
    if ((depth === 1 && kind === "defaultTemplate") || (depth === 2 && kind === "templates")) {
      const description = this.#text(this.#attrs(slot), "description") ?? "";
      return this.#leaf(header, `template: ${description}`, { type: "template", description });
    }
    const [type, description] = plainKind(path);
    return this.#leaf(header, description, { type });
  }

  #leaf(header: ByteString, text: ByteString, json: Record<string, ByteString>): Json {
    if (!this.#options.json) this.#options.line(`${header}: ${text}`);
    return new Map(Object.entries(json));
  }

  #warn(text: ByteString): void {
    this.#ev.world.message(`warning: ${text}`);
  }

  #omitted(path: Path, header: ByteString, flag: string): Json {
    if (this.#options.json) this.#warn(`${path.join(".")} omitted (use '${flag}' to show)`);
    else this.#options.line(`${header} omitted (use '${flag}' to show)`);
    return new Map();
  }

  /** Nothing is built to draw a tree. */
  #withoutImports(path: Path, header: ByteString, describe: () => Json): Json {
    try {
      return describe();
    } catch (error) {
      if (!(error instanceof EvaluationError) || !/'allow-import-from-derivation'/.test(error.message))
        throw error;
      const why = "omitted due to use of import from derivation";
      if (this.#options.json) this.#warn(`${path.join(".")} ${why}`);
      else this.#options.line(`${header} ${why}`);
      return new Map();
    }
  }

  #text(attrs: Attrs, name: ByteString): ByteString | undefined {
    const slot = attrs.get(name);
    return slot === undefined ? undefined : textOf(this.#ev.forceString(slot, attrs.posOf(name), ""));
  }

  #description(attrs: Attrs): ByteString | undefined {
    const meta = attrs.get("meta");
    return meta === undefined ? undefined : this.#text(this.#attrs(meta), "description");
  }

  #derivation(slot: Slot, path: Path, header: ByteString): Json {
    const attrs = this.#attrs(slot);
    const name = this.#text(attrs, "name") ?? "";
    const isShell = (path[0] === "devShell" && path.length === 2) || path[0] === "devShells";
    const isPlain = (path[0] === "checks" && path.length === 3) || path[0] === "hydraJobs";
    const kind = isShell ? "development environment" : isPlain ? "derivation" : "package";
    if (this.#options.json) {
      const description = this.#description(attrs) ?? "";
      return new Map(Object.entries({ type: "derivation", name, description }));
    }
    this.#options.line(`${header}: ${kind} '${name}'`);
    return new Map();
  }

  #app(slot: Slot, header: ByteString): Json {
    const attrs = this.#attrs(slot);
    const description = this.#description(attrs);
    if (this.#text(attrs, "type") !== "app") throw this.#ev.error("not an app definition");
    return this.#leaf(header, `app: ${description ?? "no description"}`, {
      type: "app",
      ...(description === undefined ? {} : { description }),
    });
  }

  #children(slot: Slot, path: Path, header: ByteString, prefix: ByteString): Json {
    const { json, line } = this.#options;
    if (!json) line(header);
    const attrs = this.#attrs(slot);
    const names = attrs.keys.filter((name) => this.#hasContent(attrs.get(name)!, [...path, name]));
    const found = new Map<ByteString, Json>();
    names.forEach((name, i) => {
      const { branch, below } = treeLines(i === names.length - 1);
      const inner = attrs.get(name)!;
      found.set(
        name,
        this.#visit(inner, [...path, name], `${prefix}${branch}${showAttributeName(name)}`, prefix + below),
      );
    });
    return found;
  }

  /** Frameworks make sets for everything; the empty ones say nothing. */
  #hasContent(slot: Slot, path: Path): boolean {
    const [kind = ""] = path;
    const isSet =
      (path.length <= 2 && (bySystem.has(kind) || kind === "legacyPackages")) ||
      (path.length === 1 && ["formatter", "nixosConfigurations", "nixosModules", "overlays"].includes(kind));
    if (!isSet) return true;
    try {
      force(slot);
      const attrs = this.#attrs(slot);
      return attrs.keys.some((name) => this.#hasContent(attrs.get(name)!, [...path, name]));
    } catch (error) {
      if (error instanceof EvaluationError) return true;
      throw error;
    }
  }
}

function plainKind([kind, ...rest]: Path): [type: string, description: string] {
  const depth = rest.length;
  if ((kind === "overlay" && depth === 0) || (kind === "overlays" && depth === 1))
    return ["nixpkgs-overlay", "Nixpkgs overlay"];
  if (kind === "nixosConfigurations" && depth === 1) return ["nixos-configuration", "NixOS configuration"];
  if ((kind === "nixosModule" && depth === 0) || (kind === "nixosModules" && depth === 1))
    return ["nixos-module", "NixOS module"];
  return ["unknown", "unknown"];
}
