/**
 * File trees in memory: what a NAR says, as data. For the store that tests use, listings of archives, and small
 * trees that are made rather than found.
 */
import { ByteSource } from "./byte-source.ts";
import type { ByteString } from "./bytes.ts";
import { parseNar } from "./nar-parser.ts";
import { NarWriter, type Sink } from "./nar-writer.ts";

export type FileTree =
  | { readonly kind: "regular"; readonly contents: Uint8Array; readonly executable: boolean }
  | { readonly kind: "directory"; readonly entries: ReadonlyMap<ByteString, FileTree> }
  | { readonly kind: "symlink"; readonly target: ByteString };

/** Writes the tree's NAR; entries may be in any order. */
export function dumpTree(tree: FileTree, sink: Sink): void {
  const writer = new NarWriter(sink);
  const node = (tree: FileTree): void => {
    switch (tree.kind) {
      case "regular": {
        let position = 0;
        writer.file(tree.executable, tree.contents.length, (buffer, offset, length) => {
          buffer.set(tree.contents.subarray(position, position + length), offset);
          position += length;
          return length;
        });
        break;
      }
      case "symlink":
        writer.symlink(tree.target);
        break;
      case "directory":
        writer.directory();
        for (const name of [...tree.entries.keys()].sort()) {
          writer.entry(name);
          node(tree.entries.get(name)!);
          writer.leaveEntry();
        }
        writer.leaveDirectory();
    }
  };
  writer.start();
  node(tree);
  writer.flush();
}

/** Parses one archive into memory. @throws NarError */
export function readTree(source: ByteSource | Uint8Array): FileTree {
  const input = source instanceof ByteSource ? source : ByteSource.fromBytes(source);
  const open: { name: ByteString; entries: Map<ByteString, FileTree> }[] = [];
  let root: FileTree | undefined;
  let chunks: Buffer[] = [];
  let executable = false;
  const put = (path: ByteString, tree: FileTree): void => {
    const parent = open.at(-1);
    if (parent === undefined) root = tree;
    else parent.entries.set(path.slice(path.lastIndexOf("/") + 1), tree);
  };
  parseNar(input, {
    directory: (path) => void open.push({ name: path, entries: new Map() }),
    leaveDirectory: (path) => put(path, { kind: "directory", entries: open.pop()!.entries }),
    symlink: (path, target) => put(path, { kind: "symlink", target }),
    file: (_path, isExecutable) => {
      executable = isExecutable;
      chunks = [];
      return (chunk) => void chunks.push(Buffer.from(chunk));
    },
    leaveFile: (path) => put(path, { kind: "regular", contents: Buffer.concat(chunks), executable }),
  });
  return root!;
}
