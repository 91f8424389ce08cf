/**
 * Ed25519 keys and signatures in Nix's notation: `<key name>:<base 64>`.
 *
 * A secret key is libsodium's 64 bytes: the seed, then the public key. Manual: `nix key generate-secret`,
 * "secret-key-files", "trusted-public-keys".
 */
import * as crypto from "node:crypto";
import { type ByteString, toBuffer } from "./bytes.ts";
import { FormatError } from "./format-error.ts";
import { decodeBase64 } from "./hash.ts";

export interface SecretKey {
  readonly name: string;
  /** 32 bytes of seed, 32 bytes of public key. */
  readonly bytes: Uint8Array;
}
export interface PublicKey {
  readonly name: string;
  readonly bytes: Uint8Array;
}

// The fixed heads of PKCS #8 and SPKI for Ed25519, before the 32 bytes of key.
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");
const spkiHead = Buffer.from("302a300506032b6570032100", "hex");

function split(text: ByteString, what: string): { name: string; bytes: Uint8Array } {
  const colon = text.indexOf(":");
  const bytes = colon > 0 ? decodeBase64(text.slice(colon + 1)) : new Uint8Array(0);
  if (colon <= 0 || bytes.length === 0) throw new FormatError(`${what} is corrupt`);
  return { name: text.slice(0, colon), bytes };
}

function join(key: { name: string; bytes: Uint8Array }): string {
  return `${key.name}:${Buffer.from(key.bytes).toString("base64")}`;
}

/** @throws FormatError; the message never contains the key */
export function parseSecretKey(text: ByteString): SecretKey {
  const key = split(text.trim(), "key");
  if (key.bytes.length !== 64) throw new FormatError("secret key is not valid");
  return key;
}

/** @throws FormatError */
export function parsePublicKey(text: ByteString): PublicKey {
  const key = split(text.trim(), "key");
  if (key.bytes.length !== 32) throw new FormatError("public key is not valid");
  return key;
}

export const printSecretKey: (key: SecretKey) => string = join;
export const printPublicKey: (key: PublicKey) => string = join;

export function generateSecretKey(name: string): SecretKey {
  const { privateKey, publicKey } = crypto.generateKeyPairSync("ed25519");
  const seed = privateKey.export({ format: "der", type: "pkcs8" }).subarray(pkcs8Head.length);
  const open = publicKey.export({ format: "der", type: "spki" }).subarray(spkiHead.length);
  return { name, bytes: Buffer.concat([seed, open]) };
}

export function toPublicKey(key: SecretKey): PublicKey {
  return { name: key.name, bytes: key.bytes.subarray(32) };
}

/** @returns `<key name>:<base 64>` */
export function signText(key: SecretKey, text: ByteString): string {
  const secret = crypto.createPrivateKey({
    key: Buffer.concat([pkcs8Head, key.bytes.subarray(0, 32)]),
    format: "der",
    type: "pkcs8",
  });
  return `${key.name}:${crypto.sign(null, toBuffer(text), secret).toString("base64")}`;
}

/** Is this a signature of `text` by one of these keys? A malformed one is not. */
export function verifyText(text: ByteString, signature: ByteString, keys: Iterable<PublicKey>): boolean {
  let parsed: { name: string; bytes: Uint8Array };
  try {
    parsed = split(signature, "signature");
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
  if (parsed.bytes.length !== 64) return false;
  for (const key of keys) {
    if (key.name !== parsed.name) continue;
    const open = crypto.createPublicKey({
      key: Buffer.concat([spkiHead, key.bytes]),
      format: "der",
      type: "spki",
    });
    if (crypto.verify(null, toBuffer(text), open, parsed.bytes)) return true;
  }
  return false;
}
