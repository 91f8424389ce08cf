/**
 * SHA-256 of texts and small files, without Node's crypto.
 *
 * An evaluation hashes some hundred kilobytes, and loading Node's crypto (forty modules and OpenSSL's tables) takes
 * longer than that whole work. Plain JavaScript would be slow where short programs live, before V8 optimises; V8
 * compiles WebAssembly at once. From a few megabytes on OpenSSL is the quicker one: `hash.ts` chooses.
 * FIPS 180-4; the module is made, and its layout told, by `tools/sha256-module.ts`.
 */
import type { ByteString } from "./bytes.ts";

/** In base 64, as `node tools/sha256-module.ts` prints it. */
export const sha256ModuleText =
  "AGFzbQEAAAABCQJgAn9/AGAAAAMDAgABBQMBAAEHHAMGYmxvY2tzAAAGZGlnZXN0AAEGbWVtb3J5AgAKhxQC9hABC38DQEEAIAAo" +
  "AgAhDCAMQRh2IAxBCHRyQf+B/AdxIAxBCHYgDEEYdHJBgP6DeHFyNgIAQQAgACgCBCEMIAxBGHYgDEEIdHJB/4H8B3EgDEEIdiAM" +
  "QRh0ckGA/oN4cXI2AgRBACAAKAIIIQwgDEEYdiAMQQh0ckH/gfwHcSAMQQh2IAxBGHRyQYD+g3hxcjYCCEEAIAAoAgwhDCAMQRh2" +
  "IAxBCHRyQf+B/AdxIAxBCHYgDEEYdHJBgP6DeHFyNgIMQQAgACgCECEMIAxBGHYgDEEIdHJB/4H8B3EgDEEIdiAMQRh0ckGA/oN4" +
  "cXI2AhBBACAAKAIUIQwgDEEYdiAMQQh0ckH/gfwHcSAMQQh2IAxBGHRyQYD+g3hxcjYCFEEAIAAoAhghDCAMQRh2IAxBCHRyQf+B" +
  "/AdxIAxBCHYgDEEYdHJBgP6DeHFyNgIYQQAgACgCHCEMIAxBGHYgDEEIdHJB/4H8B3EgDEEIdiAMQRh0ckGA/oN4cXI2AhxBACAA" +
  "KAIgIQwgDEEYdiAMQQh0ckH/gfwHcSAMQQh2IAxBGHRyQYD+g3hxcjYCIEEAIAAoAiQhDCAMQRh2IAxBCHRyQf+B/AdxIAxBCHYg" +
  "DEEYdHJBgP6DeHFyNgIkQQAgACgCKCEMIAxBGHYgDEEIdHJB/4H8B3EgDEEIdiAMQRh0ckGA/oN4cXI2AihBACAAKAIsIQwgDEEY" +
  "diAMQQh0ckH/gfwHcSAMQQh2IAxBGHRyQYD+g3hxcjYCLEEAIAAoAjAhDCAMQRh2IAxBCHRyQf+B/AdxIAxBCHYgDEEYdHJBgP6D" +
  "eHFyNgIwQQAgACgCNCEMIAxBGHYgDEEIdHJB/4H8B3EgDEEIdiAMQRh0ckGA/oN4cXI2AjRBACAAKAI4IQwgDEEYdiAMQQh0ckH/" +
  "gfwHcSAMQQh2IAxBGHRyQYD+g3hxcjYCOEEAIAAoAjwhDCAMQRh2IAxBCHRyQf+B/AdxIAxBCHYgDEEYdHJBgP6DeHFyNgI8QQAh" +
  "CgNAIAogCigCACAKKAIkaiAKKAIEIQwgDEEHdiAMQRl0ciAMQRJ2IAxBDnRycyAMQQN2c2ogCigCOCEMIAxBEXYgDEEPdHIgDEET" +
  "diAMQQ10cnMgDEEKdnNqNgJAIApBBGoiCkHAAUcNAAtBACgCgAQhAkEAKAKEBCEDQQAoAogEIQRBACgCjAQhBUEAKAKQBCEGQQAo" +
  "ApQEIQdBACgCmAQhCEEAKAKcBCEJQQAhCgNAIAkgBiEMIAxBBnYgDEEadHIgDEELdiAMQRV0cnMgDEEZdiAMQQd0cnNqIAcgCHMg" +
  "BnEgCHNqIAooAgBqIAooAoACaiELIAUgC2ohBSALIAIhDCAMQQJ2IAxBHnRyIAxBDXYgDEETdHJzIAxBFnYgDEEKdHJzaiACIANx" +
  "IAIgA3MgBHFzaiEJIAggBSEMIAxBBnYgDEEadHIgDEELdiAMQRV0cnMgDEEZdiAMQQd0cnNqIAYgB3MgBXEgB3NqIAooAgRqIAoo" +
  "AoQCaiELIAQgC2ohBCALIAkhDCAMQQJ2IAxBHnRyIAxBDXYgDEETdHJzIAxBFnYgDEEKdHJzaiAJIAJxIAkgAnMgA3FzaiEIIAcg" +
  "BCEMIAxBBnYgDEEadHIgDEELdiAMQRV0cnMgDEEZdiAMQQd0cnNqIAUgBnMgBHEgBnNqIAooAghqIAooAogCaiELIAMgC2ohAyAL" +
  "IAghDCAMQQJ2IAxBHnRyIAxBDXYgDEETdHJzIAxBFnYgDEEKdHJzaiAIIAlxIAggCXMgAnFzaiEHIAYgAyEMIAxBBnYgDEEadHIg" +
  "DEELdiAMQRV0cnMgDEEZdiAMQQd0cnNqIAQgBXMgA3EgBXNqIAooAgxqIAooAowCaiELIAIgC2ohAiALIAchDCAMQQJ2IAxBHnRy" +
  "IAxBDXYgDEETdHJzIAxBFnYgDEEKdHJzaiAHIAhxIAcgCHMgCXFzaiEGIAUgAiEMIAxBBnYgDEEadHIgDEELdiAMQRV0cnMgDEEZ" +
  "diAMQQd0cnNqIAMgBHMgAnEgBHNqIAooAhBqIAooApACaiELIAkgC2ohCSALIAYhDCAMQQJ2IAxBHnRyIAxBDXYgDEETdHJzIAxB" +
  "FnYgDEEKdHJzaiAGIAdxIAYgB3MgCHFzaiEFIAQgCSEMIAxBBnYgDEEadHIgDEELdiAMQRV0cnMgDEEZdiAMQQd0cnNqIAIgA3Mg" +
  "CXEgA3NqIAooAhRqIAooApQCaiELIAggC2ohCCALIAUhDCAMQQJ2IAxBHnRyIAxBDXYgDEETdHJzIAxBFnYgDEEKdHJzaiAFIAZx" +
  "IAUgBnMgB3FzaiEEIAMgCCEMIAxBBnYgDEEadHIgDEELdiAMQRV0cnMgDEEZdiAMQQd0cnNqIAkgAnMgCHEgAnNqIAooAhhqIAoo" +
  "ApgCaiELIAcgC2ohByALIAQhDCAMQQJ2IAxBHnRyIAxBDXYgDEETdHJzIAxBFnYgDEEKdHJzaiAEIAVxIAQgBXMgBnFzaiEDIAIg" +
  "ByEMIAxBBnYgDEEadHIgDEELdiAMQRV0cnMgDEEZdiAMQQd0cnNqIAggCXMgB3EgCXNqIAooAhxqIAooApwCaiELIAYgC2ohBiAL" +
  "IAMhDCAMQQJ2IAxBHnRyIAxBDXYgDEETdHJzIAxBFnYgDEEKdHJzaiADIARxIAMgBHMgBXFzaiECIApBIGoiCkGAAkcNAAtBAEEA" +
  "KAKABCACajYCgARBAEEAKAKEBCADajYChARBAEEAKAKIBCAEajYCiARBAEEAKAKMBCAFajYCjARBAEEAKAKQBCAGajYCkARBAEEA" +
  "KAKUBCAHajYClARBAEEAKAKYBCAIajYCmARBAEEAKAKcBCAJajYCnAQgAEHAAGoiACABRw0ACwuMAwEBf0EAQQAoAoAEIQAgAEEY" +
  "diAAQQh0ckH/gfwHcSAAQQh2IABBGHRyQYD+g3hxcjYCoARBAEEAKAKEBCEAIABBGHYgAEEIdHJB/4H8B3EgAEEIdiAAQRh0ckGA" +
  "/oN4cXI2AqQEQQBBACgCiAQhACAAQRh2IABBCHRyQf+B/AdxIABBCHYgAEEYdHJBgP6DeHFyNgKoBEEAQQAoAowEIQAgAEEYdiAA" +
  "QQh0ckH/gfwHcSAAQQh2IABBGHRyQYD+g3hxcjYCrARBAEEAKAKQBCEAIABBGHYgAEEIdHJB/4H8B3EgAEEIdiAAQRh0ckGA/oN4" +
  "cXI2ArAEQQBBACgClAQhACAAQRh2IABBCHRyQf+B/AdxIABBCHYgAEEYdHJBgP6DeHFyNgK0BEEAQQAoApgEIQAgAEEYdiAAQQh0" +
  "ckH/gfwHcSAAQQh2IABBGHRyQYD+g3hxcjYCuARBAEEAKAKcBCEAIABBGHYgAEEIdHJB/4H8B3EgAEEIdiAAQRh0ckGA/oN4cXI2" +
  "ArwECwuIAgEAQYACC4ACmC+KQpFEN3HP+8C1pdu16VvCVjnxEfFZpII/ktVeHKuYqgfYAVuDEr6FMSTDfQxVdF2+cv6x3oCnBtyb" +
  "dPGbwcFpm+SGR77vxp3BD8yhDCRvLOktqoR0StypsFzaiPl2UlE+mG3GMajIJwOwx39Zv/ML4MZHkafVUWPKBmcpKRSFCrcnOCEb" +
  "LvxtLE0TDThTVHMKZbsKanYuycKBhSxykqHov6JLZhqocItLwqNRbMcZ6JLRJAaZ1oU1DvRwoGoQFsGkGQhsNx5Md0gntbywNLMM" +
  "HDlKqthOT8qcW/NvLmjugo90b2OleBR4yIQIAseM+v++kOtsUKT3o/m+8nhxxg==";

/** Where things lie in the module's memory. */
const stateAt = 512;
const digestAt = 544;
const dataAt = 1024;
/** Bytes of data that the memory takes at a time: whole blocks. */
const room = 65536 - dataAt;
const blockSize = 64;

const initialState = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

// What is used of it; TypeScript declares the whole among a browser's things only.
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: Readonly<Record<string, unknown>>;
  }
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly blocks: (from: number, end: number) => void;
  readonly digest: () => void;
}

interface Machine extends Omit<Exports, "memory"> {
  readonly bytes: Buffer;
  readonly state: Uint32Array;
  /** Where `digest` leaves it. */
  readonly result: Uint8Array;
}

let machine: Machine | undefined;

function start(): Machine {
  const module = new WebAssembly.Module(Buffer.from(sha256ModuleText, "base64"));
  const { memory, blocks, digest } = new WebAssembly.Instance(module).exports as unknown as Exports;
  const bytes = Buffer.from(memory.buffer);
  const state = new Uint32Array(memory.buffer, stateAt, initialState.length);
  const result = new Uint8Array(memory.buffer, digestAt, 32);
  machine = { blocks, digest, bytes, state, result };
  return machine;
}

/** Leaves the digest of the data in the machine's memory. */
function run(data: Uint8Array | ByteString): Machine {
  const m = machine ?? start();
  const { bytes, blocks } = m;
  m.state.set(initialState);
  const { length } = data;
  let done = 0;
  while (length - done >= room) {
    copy(bytes, data, done, done + room);
    blocks(dataAt, dataAt + room);
    done += room;
  }
  copy(bytes, data, done, length);
  let end = dataAt + length - done;
  // A one bit, zeros, and the number of bits in 64 bits, to the end of a block.
  bytes[end++] = 0x80;
  const last = dataAt + Math.ceil((end - dataAt + 8) / blockSize) * blockSize;
  if (last > bytes.length) {
    bytes.fill(0, end, bytes.length);
    blocks(dataAt, bytes.length);
    end = dataAt;
  }
  const close = last > bytes.length ? dataAt + blockSize : last;
  bytes.fill(0, end, close - 8);
  bytes.writeUInt32BE(Math.floor(length / 2 ** 29), close - 8);
  bytes.writeUInt32BE((length << 3) >>> 0, close - 4);
  blocks(dataAt, close);
  m.digest();
  return m;
}

function copy(bytes: Buffer, data: Uint8Array | ByteString, from: number, to: number): void {
  if (typeof data === "string")
    bytes.write(from === 0 && to === data.length ? data : data.slice(from, to), dataAt, "latin1");
  else bytes.set(from === 0 && to === data.length ? data : data.subarray(from, to), dataAt);
}

/** The 32 bytes of the digest. */
export function sha256(data: Uint8Array | ByteString): Uint8Array {
  return run(data).result.slice();
}

/** The same, in memory that the next digest overwrites. */
export function sha256Transient(data: Uint8Array | ByteString): Uint8Array {
  return run(data).result;
}

/** The digest in base 16. */
export function sha256Base16(data: Uint8Array | ByteString): string {
  return run(data).bytes.toString("hex", digestAt, digestAt + 32);
}
