/**
 * Reads the NAR format, as strictly as Nix: bytewise order (so no duplicates), sane names, bounded depth, zero
 * padding, 64-bit lengths. Calls a handler for what it meets and never touches the disk itself.
 *
 * Manual: "Nix Archive (NAR) format". Messages are Nix's.
 */
import type { ByteSource } from "./byte-source.ts";
import type { ByteString } from "./bytes.ts";
import { FormatError, NarError } from "./format-error.ts";
import { narMagic, narMaxDepth, narMaxName, narMaxTarget } from "./nar-writer.ts";

/** Paths are relative to the root: "" is the root itself, "/bin/x" below it. */
export interface NarHandler {
  directory(path: ByteString): void;
  leaveDirectory(path: ByteString): void;
  symlink(path: ByteString, target: ByteString): void;
  /** Returns where the contents go; each chunk is valid during its call only. */
  file(path: ByteString, executable: boolean, size: number): (chunk: Uint8Array) => void;
  leaveFile(path: ByteString): void;
}

const maxTag = 32;

function bad(message: string, cause?: unknown): NarError {
  return new NarError(`bad archive: ${message}`, { cause });
}

/**
 * Parses one archive; the source stands right behind it afterwards.
 * @throws NarError when the archive is malformed or cut off. What the handler throws passes through.
 */
export function parseNar(source: ByteSource, handler: NarHandler): void {
  let magic: ByteString | undefined;
  try {
    magic = source.readString(narMagic.length);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  if (magic !== narMagic) throw bad("input doesn't look like a Nix archive");

  const tag = (): ByteString => source.readString(maxTag);
  const expect = (wanted: string): void => {
    const got = tag();
    if (got !== wanted) throw bad(`expected tag '${wanted}', got '${got}'`);
  };

  const node = (path: ByteString, depth: number): void => {
    if (depth >= narMaxDepth) throw bad(`NAR directory nesting exceeds maximum depth of ${narMaxDepth}`);
    expect("(");
    expect("type");
    const type = tag();
    switch (type) {
      case "regular": {
        let word = tag();
        let executable = false;
        if (word === "executable") {
          source.readString(0);
          executable = true;
          word = tag();
        }
        if (word !== "contents") throw bad(`expected tag 'contents', got '${word}'`);
        const size = source.readNumber();
        source.copy(size, handler.file(path, executable, size));
        source.readPadding(size);
        expect(")");
        handler.leaveFile(path);
        break;
      }
      case "directory": {
        handler.directory(path);
        let previous = "";
        for (;;) {
          const word = tag();
          if (word === ")") break;
          if (word !== "entry") throw bad(`expected tag 'entry' or ')', got '${word}'`);
          expect("(");
          expect("name");
          const name = source.readString(narMaxName);
          if (name === "" || name === "." || name === ".." || name.includes("/") || name.includes("\0"))
            throw bad(`NAR contains invalid file name '${name}'`);
          if (name <= previous) throw bad("NAR directory is not sorted");
          previous = name;
          expect("node");
          node(`${path}/${name}`, depth + 1);
          expect(")");
        }
        handler.leaveDirectory(path);
        break;
      }
      case "symlink": {
        expect("target");
        const target = source.readString(narMaxTarget);
        if (target === "" || target.includes("\0")) throw bad("NAR contains invalid symlink target");
        expect(")");
        handler.symlink(path, target);
        break;
      }
      default:
        throw bad(`unknown file type '${type}'`);
    }
  };
  try {
    node("", 0);
  } catch (error) {
    // The wire primitives say what is wrong; here is known in what.
    if (error instanceof FormatError && !(error instanceof NarError)) throw bad(error.message, error);
    throw error;
  }
}

/** Reads past one archive, checking its form. @throws NarError */
export function skipNar(source: ByteSource): void {
  const nothing = (): void => {};
  parseNar(source, {
    directory: nothing,
    leaveDirectory: nothing,
    symlink: nothing,
    file: () => nothing,
    leaveFile: nothing,
  });
}
