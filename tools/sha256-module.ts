/**
 * Makes the WebAssembly module of `src/format/sha256.ts`: `node tools/sha256-module.ts` prints it in base 64.
 *
 * The program carries the result and a test compares the two: making it costs a short evaluation more than its
 * hashing. FIPS 180-4, section 6.2; WebAssembly core specification, binary format.
 *
 * Memory, one page: the message schedule (64 words), the round constants (64 words), the state (8 words), the
 * digest (32 bytes), and from 1024 on the data. Exports: `memory`; `blocks(from, end)` takes whole blocks of 64 bytes
 * into the state; `digest()` writes the state as bytes.
 */
import { fileURLToPath } from "node:url";

export const layout = { schedule: 0, constants: 256, state: 512, digest: 544, data: 1024 };

type Code = number | readonly Code[];

const flat = (code: readonly Code[]): number[] =>
  code.flatMap((part) => (typeof part === "number" ? [part] : flat(part)));

function signedLeb(number: number): number[] {
  const bytes: number[] = [];
  let rest = number | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

function unsignedLeb(number: number): number[] {
  const bytes: number[] = [];
  let rest = number;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? byte : byte | 0x80);
  } while (rest !== 0);
  return bytes;
}

const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const tee = (local: number): Code => [0x22, local];
const constant = (number: number): Code => [0x41, ...signedLeb(number)];
const load = (offset: number): Code => [0x28, 2, ...unsignedLeb(offset)];
const store = (offset: number): Code => [0x36, 2, ...unsignedLeb(offset)];
const notEqual = 0x47;
const add = 0x6a;
const and = 0x71;
const or = 0x72;
const xor = 0x73;
const shiftRight = 0x76;
const shiftLeft = 0x74;
const i32 = 0x7f;
const end = 0x0b;
const loop = [0x03, 0x40];
const repeatIf = [0x0d, 0];

/** The fractional part of a root of each of the first primes, 32 bits of it. */
function fractions(count: number, root: (number: number) => number): number[] {
  const words: number[] = [];
  for (let number = 2; words.length < count; number++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) prime = false;
    if (prime) words.push(Math.floor((root(number) % 1) * 2 ** 32) | 0);
  }
  return words;
}

/** The state before the first block. */
export const initialState = fractions(8, Math.sqrt);

/**
 * A local rotated. Two shifts and not the instruction: V8's quick compiler makes a call of that, its slow one makes the
 * instruction of these.
 */
const rotated = (local: number, by: number): Code => [
  [get(local), constant(by), shiftRight],
  [get(local), constant(32 - by), shiftLeft, or],
];
/** Turns the word on the stack round, by way of a local. */
const swapBytes = (local: number): Code => [
  [set(local), rotated(local, 24), constant(0x00ff00ff), and],
  [rotated(local, 8), constant(0xff00ff00), and, or],
];
type Three = readonly [number, number, number];
/** x >>> a ^ x >>> b ^ x >>> c, rotated, or shifted the third time. */
const sigma = (value: Code, local: number, [a, b, c]: Three, shifted = false): Code => [
  [value, set(local), rotated(local, a), rotated(local, b), xor],
  [shifted ? [get(local), constant(c), shiftRight] : rotated(local, c), xor],
];

function blocksBody(): number[] {
  const [from, until, index, sum, scratch] = [0, 1, 10, 11, 12] as const;
  const variables = [2, 3, 4, 5, 6, 7, 8, 9] as const;
  const { schedule, constants, state } = layout;
  const code: Code[] = [loop];
  for (let word = 0; word < 16; word++)
    code.push(constant(0), get(from), load(word * 4), swapBytes(scratch), store(schedule + word * 4));
  code.push(constant(0), set(index), loop);
  code.push(get(index), get(index), load(schedule), get(index), load(schedule + 36), add);
  code.push(sigma([get(index), load(schedule + 4)], scratch, [7, 18, 3], true), add);
  code.push(sigma([get(index), load(schedule + 56)], scratch, [17, 19, 10], true), add);
  code.push(store(schedule + 64));
  code.push(get(index), constant(4), add, tee(index), constant(48 * 4), notEqual, repeatIf, end);
  for (const [word, local] of variables.entries()) code.push(constant(0), load(state + word * 4), set(local));
  code.push(constant(0), set(index), loop);
  type Eight = readonly [number, number, number, number, number, number, number, number];
  let names: Eight = variables;
  // Eight rounds a turn: then every variable is back in its place.
  for (let round = 0; round < 8; round++) {
    const [a, b, c, d, e, f, g, h] = names;
    code.push(get(h), sigma(get(e), scratch, [6, 11, 25]), add);
    code.push(get(f), get(g), xor, get(e), and, get(g), xor, add);
    code.push(get(index), load(schedule + round * 4), add, get(index), load(constants + round * 4), add);
    code.push(set(sum), get(d), get(sum), add, set(d));
    code.push(get(sum), sigma(get(a), scratch, [2, 13, 22]), add);
    code.push(get(a), get(b), and, get(a), get(b), xor, get(c), and, xor, add, set(h));
    names = [h, a, b, c, d, e, f, g];
  }
  code.push(get(index), constant(32), add, tee(index), constant(64 * 4), notEqual, repeatIf, end);
  for (const [word, local] of variables.entries())
    code.push(constant(0), constant(0), load(state + word * 4), get(local), add, store(state + word * 4));
  code.push(get(from), constant(64), add, tee(from), get(until), notEqual, repeatIf, end);
  return [1, 11, i32, ...flat(code), end];
}

function digestBody(): number[] {
  const code: Code[] = [];
  for (let word = 0; word < 32; word += 4)
    code.push(constant(0), constant(0), load(layout.state + word), swapBytes(0), store(layout.digest + word));
  return [1, 1, i32, ...flat(code), end];
}

export function sha256Module(): Buffer {
  const sized = (bytes: readonly number[]): number[] => [...unsignedLeb(bytes.length), ...bytes];
  const section = (id: number, ...bytes: Code[]): number[] => [id, ...sized(flat(bytes))];
  const name = (text: string): number[] => sized([...Buffer.from(text)]);
  const constants = new Uint8Array(Int32Array.from(fractions(64, Math.cbrt)).buffer);
  return Buffer.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 2, [0x60, 2, i32, i32, 0], [0x60, 0, 0]),
    ...section(3, 2, 0, 1),
    ...section(5, 1, 0, 1),
    ...section(7, 3, name("blocks"), 0, 0, name("digest"), 0, 1, name("memory"), 2, 0),
    ...section(10, 2, sized(blocksBody()), sized(digestBody())),
    ...section(11, 1, 0, constant(layout.constants), end, sized([...constants])),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(sha256Module().toString("base64"));
