/** A world in memory, for this floor's tests: trees that can be fetched, by reference; what was fetched is counted. */
import assert from "node:assert/strict";
import { canonPath } from "../language/path.ts";
import type { FileType, World } from "../language/world.ts";

export interface MemoryTree {
  /** By path in the tree. */
  readonly files: Readonly<Record<string, string>>;
  /** Attributes that locking adds; null: takes away. */
  readonly locked?: Readonly<Record<string, string | bigint | null>>;
}

export interface MemoryWorld extends World {
  /** Inputs as JSON, in the order they were fetched. */
  readonly fetched: string[];
  readonly messages: string[];
}

const narHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/** @param trees by what identifies an input: its `repo`, `url` or `path` */
export function memoryWorld(trees: Readonly<Record<string, MemoryTree>>): MemoryWorld {
  const contents = new Map<string, string>();
  const fetched: string[] = [];
  const messages: string[] = [];
  const none = (path: string): never => {
    throw Object.assign(new Error(`path '${path}' does not exist`), { kind: "not-found", path });
  };
  const typeOf = (path: string): FileType | undefined => {
    if (contents.has(path)) return "regular";
    return path === "/" || [...contents.keys()].some((each) => each.startsWith(`${path}/`))
      ? "directory"
      : undefined;
  };
  return {
    fetched,
    messages,
    storeDir: "/nix/store",
    currentSystem: "x86_64-linux",
    readOnly: false,
    currentTime: () => 0,
    environment: () => undefined,
    readFile: (path) => contents.get(canonPath(path)) ?? none(path),
    readDirectory: none,
    hashFile: none,
    fileType: typeOf,
    readLink: none,
    addPath: none,
    addText: none,
    addDerivation: none,
    isValidPath: () => true,
    computeClosure: (path) => [path],
    ensurePath: () => {},
    realise: () => assert.fail("nothing is built here"),
    fetch(request) {
      assert.equal(request.kind, "tree");
      assert.ok("attributes" in request);
      const { attributes } = request;
      const name = String(attributes.get("repo") ?? attributes.get("url") ?? attributes.get("path"));
      const tree = trees[name];
      assert.ok(tree !== undefined, `nobody has '${name}'`);
      fetched.push(name);
      const path = `/nix/store/${"0".repeat(31)}${Object.keys(trees).indexOf(name)}-source`;
      for (const [file, text] of Object.entries(tree.files)) contents.set(`${path}/${file}`, text);
      const locked = new Map([...attributes, ["narHash", narHash] as const]);
      locked.delete("__final");
      for (const [key, value] of Object.entries(tree.locked ?? {})) {
        if (value === null) locked.delete(key);
        else locked.set(key, value);
      }
      return { path, inStore: true, info: new Map(), locked };
    },
    message: (text) => void messages.push(text),
  };
}
