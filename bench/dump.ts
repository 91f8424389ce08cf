/**
 * `bruma store dump` beside `nix-store --dump`: a tree of 100 MB in 2000 files, piped to a hash as users do.
 *
 * Run: bench/run dump
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { compare } from "./measure.ts";

const directory = mkdtempSync(join(tmpdir(), "bruma-bench-"));
try {
  const tree = join(directory, "tree");
  // Sizes as in a package: many small files, a few large ones; contents that are not all alike.
  let left = 100_000_000;
  for (let index = 0; index < 2000; index++) {
    const size = index % 100 === 0 ? 4_000_000 : 10_000 + ((index * 7919) % 2000);
    const part = join(tree, `d${index % 50}`);
    mkdirSync(part, { recursive: true });
    writeFileSync(join(part, `f${index}`), Buffer.alloc(Math.min(size, left), `file ${index} `));
    left = Math.max(0, left - size);
  }
  const bruma = resolve(import.meta.dirname, "../bruma");
  await compare("dump a tree of 100 MB | sha256sum", [
    { label: "nix-store --dump", command: ["sh", "-c", `nix-store --dump ${tree} | sha256sum`] },
    { label: "bruma store dump", command: ["sh", "-c", `${bruma} store dump ${tree} | sha256sum`] },
  ]);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
