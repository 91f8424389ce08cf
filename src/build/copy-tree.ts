/**
 * Copies a canonical tree to fresh inodes: whoever holds a descriptor of the old files can no longer change anything.
 * Where the file system can, blocks are shared until written.
 */
import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from "node:fs";
import { type ByteString, fromBuffer, fsPath } from "../format/bytes.ts";

/** @param to nothing is there; its directory is ours alone */
export function copyTree(from: ByteString, to: ByteString): void {
  const status = lstatSync(fsPath(from));
  if (status.isSymbolicLink()) {
    symlinkSync(readlinkSync(fsPath(from), { encoding: "buffer" }), fsPath(to));
  } else if (status.isDirectory()) {
    mkdirSync(fsPath(to), { mode: 0o700 });
    for (const name of readdirSync(fsPath(from), { encoding: "buffer" })) {
      copyTree(`${from}/${fromBuffer(name)}`, `${to}/${fromBuffer(name)}`);
    }
    chmodSync(fsPath(to), 0o555);
  } else {
    copyFileSync(fsPath(from), fsPath(to), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    chmodSync(fsPath(to), (status.mode & 0o100) !== 0 ? 0o555 : 0o444);
  }
  lutimesSync(fsPath(to), 1, 1);
}
