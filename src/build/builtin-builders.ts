/**
 * Builders that are part of bruma: `builtin:fetchurl`, as in Nix, and `builtin:unpack-deb`, which unpacks the channel's
 * seeds. They run in this process: nothing of a derivation's is executed, so no sandbox with network is needed for them,
 * and credentials (netrc) stay here.
 *
 * `builtin:fetchurl` takes `url`, or `urls`, tried in order; `executable`; `unpack` for a NAR, perhaps compressed with
 * xz. `builtin:unpack-deb` takes `url` or `urls` of a .deb; its output is the tree of the package's data, without
 * maintainer scripts, under a recursive hash. Nix has no such builder: with Nix, seeds come as valid paths.
 * `builtin:buildenv` and `builtin:unpack-channel` are not done.
 */
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Derivation, fixedOutput } from "../derivation/derivation.ts";
import { decompress } from "../fetch/decompress.ts";
import { downloadFile } from "../fetch/download.ts";
import { HashMismatchError } from "../fetch/error.ts";
import type { ProgressSink } from "../fetch/events.ts";
import type { FetchSettings } from "../fetch/settings.ts";
import { unpackDeb } from "../fetch/unpack-deb.ts";
import { type ByteString, fsPath, toText } from "../format/bytes.ts";
import { restoreNar } from "../format/nar.ts";
import { BuildError } from "./result.ts";

export interface BuiltinContext {
  readonly drvPath: ByteString;
  /** Where the output is to be made (physical); nothing is there. */
  readonly output: ByteString;
  /** A private directory for what comes in between, on a disk with room. */
  readonly temporary: ByteString;
  readonly settings: FetchSettings;
  readonly sink: ProgressSink | undefined;
  readonly signal: AbortSignal | undefined;
}

export const builtinBuilders = ["builtin:fetchurl", "builtin:unpack-deb"] as const;

/** @throws BuildError; FetchError when a download fails */
export async function runBuiltinBuilder(derivation: Derivation, context: BuiltinContext): Promise<void> {
  const { builder } = derivation;
  const output = derivation.outputs.get("out");
  const reject = (message: string): never => {
    throw new BuildError(message, { kind: "input-rejected", drvPath: context.drvPath });
  };
  if (builder !== "builtin:fetchurl" && builder !== "builtin:unpack-deb") {
    return reject(`unsupported builtin builder '${builder.slice("builtin:".length)}'`);
  }
  const fixed = output === undefined || derivation.outputs.size !== 1 ? undefined : fixedOutput(output);
  if (fixed === undefined)
    return reject(`'${builder}' must be a fixed-output derivation with the output 'out' alone`);
  const urls = addresses(derivation);
  if (urls.length === 0) return reject(`'${builder}' needs the attribute 'url'`);

  const unpack = derivation.env.get("unpack") === "1";
  const executable = derivation.env.get("executable") === "1";
  const plain = builder === "builtin:fetchurl" && fixed.method === "flat" && !unpack && !executable;
  const file = `${context.temporary}/download`;
  try {
    await downloadFile({
      urls,
      destination: toText(file),
      settings: context.settings,
      name: toText(derivation.name),
      sink: context.sink,
      signal: context.signal,
      // Only then is the output's hash the file's; another mirror is tried if it differs.
      expected: plain ? fixed.hash : undefined,
    });
  } catch (error) {
    if (error instanceof HashMismatchError)
      throw hashMismatch(context.drvPath, error.expected, error.got, error);
    throw error;
  }

  if (builder === "builtin:unpack-deb") {
    await unpackDeb(toText(file), toText(context.output));
    return;
  }
  if (unpack) {
    let archive = file;
    if (urls.some((url) => url.endsWith(".xz"))) {
      archive = `${context.temporary}/archive`;
      const pieces = decompress(createReadStream(fsPath(file)), toText(file), context.settings.maxBytes);
      await pipeline(Readable.from(pieces), createWriteStream(fsPath(archive)));
    }
    restoreNar(readFileSync(fsPath(archive)), context.output);
  } else move(file, context.output);
  if (executable) chmodSync(fsPath(context.output), 0o755);
}

/** Nix's message for a fixed output that is another. Both hashes in SRI notation. */
export function hashMismatch(
  drvPath: ByteString,
  specified: string,
  got: string,
  cause?: unknown,
): BuildError {
  return new BuildError(
    `hash mismatch in fixed-output derivation '${drvPath}':\n  specified: ${specified}\n     got:    ${got}`,
    { kind: "hash-mismatch", drvPath, cause },
  );
}

function addresses(derivation: Derivation): string[] {
  const listed = (derivation.env.get("urls") ?? "").split(/\s+/);
  const all = [...listed, derivation.env.get("url") ?? ""].filter((url) => url !== "");
  return [...new Set(all)].map(toText);
}

function move(from: ByteString, to: ByteString): void {
  try {
    renameSync(fsPath(from), fsPath(to));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    writeFileSync(fsPath(to), readFileSync(fsPath(from)));
  }
}
