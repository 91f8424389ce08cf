/** A world in memory, for this floor's tests: what is instantiated stays in a map, and there is nothing else. */
import assert from "node:assert/strict";
import { hashBytes } from "../format/hash.ts";
import { makeTextPath, type StorePath } from "../format/store-path.ts";
import type { World } from "../language/world.ts";

/** Holds what is added; has no files. */
export function memoryWorld(): World & { readonly texts: Map<string, string>; readonly messages: string[] } {
  const texts = new Map<string, string>();
  const references = new Map<string, readonly string[]>();
  const messages: string[] = [];
  const none = (path: string): never => {
    throw Object.assign(new Error(`path '${path}' does not exist`), { kind: "not-found", path });
  };
  const add = (name: string, contents: string, refs: readonly string[]): string => {
    const path = makeTextPath(name, hashBytes("sha256", contents), refs as StorePath[], "/nix/store");
    texts.set(path, contents);
    references.set(path, refs);
    return path;
  };
  return {
    texts,
    messages,
    storeDir: "/nix/store",
    currentSystem: "x86_64-linux",
    readOnly: false,
    currentTime: () => 0,
    environment: () => undefined,
    readFile: (path) => texts.get(path) ?? none(path),
    hashFile: (path, algorithm) => hashBytes(algorithm, texts.get(path) ?? none(path)),
    readDirectory: none,
    fileType: (path) => (texts.has(path) ? "regular" : undefined),
    readLink: none,
    addPath: none,
    addText: add,
    addDerivation: (name, { text }, refs) => add(`${name}.drv`, text, refs),
    isValidPath: (path) => texts.has(path),
    computeClosure: (path) => {
      const closure = new Set([path]);
      for (const member of closure)
        for (const reference of references.get(member) ?? []) closure.add(reference);
      return [...closure];
    },
    ensurePath: none,
    realise: () => assert.fail("nothing is built here"),
    fetch: () => assert.fail("nothing is fetched here"),
    message: (text) => void messages.push(text),
  };
}
