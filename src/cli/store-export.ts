/**
 * The stream that `nix-store --export` writes and `--import` reads: each path as NAR with its references and deriver.
 *
 * For each path: 1, NAR, magic, path, references, deriver, 0 (a signature that is no longer used); 0 at the end.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ByteSource } from "../format/byte-source.ts";
import { toText } from "../format/bytes.ts";
import { Hasher } from "../format/hash.ts";
import { type NarHandler, parseNar } from "../format/nar-parser.ts";
import { parseStorePath, type StorePath } from "../format/store-path.ts";
import type { Store } from "../store/store.ts";
import { CommandError } from "./cli-error.ts";

const magic = 0x4558494e;

function number(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  return Buffer.concat([number(bytes.length), bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
}

/** Writes the given paths (not their closure), references first. */
export function exportPaths(
  store: Store,
  paths: readonly StorePath[],
  write: (chunk: Uint8Array) => void,
): void {
  for (const path of store.sortTopologically(new Set(paths))) {
    const info = store.pathInfo(path);
    write(number(1));
    const hasher = new Hasher("sha256");
    store.narFromPath(path, (chunk) => {
      hasher.update(chunk);
      write(chunk);
    });
    if (!hasher.finish().equals(info.narHash)) {
      throw new CommandError(
        `hash of path '${toText(path)}' has changed from '${info.narHash.toPrefixedNix32()}'`,
      );
    }
    write(Buffer.concat([number(magic), text(path), number(info.references.length)]));
    for (const reference of info.references) write(text(reference));
    write(Buffer.concat([text(info.deriver ?? ""), number(0)]));
  }
  write(number(0));
}

/** Only the shape matters while a NAR passes by. */
const onlyParse: NarHandler = {
  directory() {},
  leaveDirectory() {},
  symlink() {},
  file: () => () => {},
  leaveFile() {},
};

/** Reads a stream from standard input; each path is added whole. @returns the paths, in order */
export function* importPaths(store: Store, source = ByteSource.fromDescriptor(0)): Generator<StorePath> {
  const directory = mkdtempSync(join(tmpdir(), "bruma-import-"));
  try {
    for (;;) {
      const more = source.readNumber();
      if (more === 0) return;
      if (more !== 1)
        throw new CommandError("input doesn't look like something created by 'nix-store --export'");
      // What the path is called comes behind its contents, so these wait in a file.
      const file = openSync(join(directory, "nar"), "w+");
      try {
        const hasher = new Hasher("sha256");
        let narSize = 0;
        source.setTap((chunk) => {
          hasher.update(chunk);
          narSize += chunk.length;
          for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
        });
        parseNar(source, onlyParse);
        source.setTap(undefined);
        if (source.readNumber() !== magic)
          throw new CommandError("Nix archive cannot be imported; wrong format");
        const { storeDir } = store;
        const path = parseStorePath(source.readString(4096), storeDir);
        const references: StorePath[] = [];
        for (let left = source.readNumber(); left > 0; left--)
          references.push(parseStorePath(source.readString(4096), storeDir));
        const deriver = source.readString(4096);
        // A signature of a kind that no version of Nix checks any more.
        if (source.readNumber() === 1) source.readString(65_536);
        let at = 0;
        const contents = new ByteSource((buffer) => {
          const got = readSync(file, buffer, 0, buffer.length, at);
          at += got;
          return got;
        });
        const info = {
          path,
          narHash: hasher.finish(),
          narSize,
          references: references.sort(),
          ...(deriver !== "" && { deriver: parseStorePath(deriver, storeDir) }),
        };
        if (!store.isValidPath(path)) store.addNar(info, contents);
        yield path;
      } finally {
        closeSync(file);
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
