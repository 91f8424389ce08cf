/**
 * bzip2 decompression, which Node lacks: blocks of Huffman-coded, move-to-front, Burrows–Wheeler-sorted bytes.
 *
 * Works on the whole compressed file in memory and yields one block (at most 900 kB before run lengths are undone)
 * at a time. Block and stream checksums are verified; concatenated streams are read as one. Randomised blocks, which
 * no bzip2 since 0.9.5 (1999) writes, are refused.
 */
import { ArchiveError } from "./error.ts";

const crcTable = new Uint32Array(256);
for (let n = 0; n < 256; n++) {
  let c = n << 24;
  for (let k = 0; k < 8; k++) c = c & 0x80000000 ? (c << 1) ^ 0x04c11db7 : c << 1;
  crcTable[n] = c >>> 0;
}

class Bits {
  readonly #data: Uint8Array;
  #at = 0;
  #held = 0;
  #count = 0;
  constructor(data: Uint8Array) {
    this.#data = data;
  }
  /** n ≤ 24 */
  take(n: number): number {
    while (this.#count < n) {
      if (this.#at >= this.#data.length) throw new ArchiveError("the bzip2 data is cut short");
      this.#held = ((this.#held << 8) | this.#data[this.#at++]!) >>> 0;
      this.#count += 8;
    }
    this.#count -= n;
    const value = n === 0 ? 0 : (this.#held >>> this.#count) & ((1 << n) - 1);
    // Keep only what is left, so that the shift above cannot lose bits.
    this.#held &= (1 << this.#count) - 1;
    return value;
  }
  /** The next n ≤ 16 bits without taking them; zeros beyond the end. */
  peek(n: number): number {
    while (this.#count < n) {
      this.#held = ((this.#held << 8) | (this.#data[this.#at] ?? 0)) >>> 0;
      this.#at++;
      this.#count += 8;
    }
    return (this.#held >>> (this.#count - n)) & ((1 << n) - 1);
  }
  /** Takes n bits that `peek` has shown. */
  skip(n: number): void {
    this.#count -= n;
    this.#held &= (1 << this.#count) - 1;
    if (this.#at - (this.#count >> 3) > this.#data.length)
      throw new ArchiveError("the bzip2 data is cut short");
  }
  take32(): number {
    return ((this.take(16) << 16) | this.take(16)) >>> 0;
  }
  align(): void {
    // Whole bytes that were only looked at go back.
    this.#at -= this.#count >> 3;
    this.#count = 0;
    this.#held = 0;
  }
  get ended(): boolean {
    return this.#count === 0 && this.#at >= this.#data.length;
  }
  /** Do the next bytes, at a byte boundary, begin another stream? */
  startsStream(): boolean {
    return (
      this.#data[this.#at] === 0x42 && this.#data[this.#at + 1] === 0x5a && this.#data[this.#at + 2] === 0x68
    );
  }
}

const blockMagicHigh = 0x314159;
const blockMagicLow = 0x265359;
const endMagicHigh = 0x177245;
const endMagicLow = 0x385090;
const maxCodeLength = 20;

interface HuffmanTable {
  readonly minLength: number;
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
  /** By the next `fastBits` bits: code length times 512, plus symbol; 0 for longer codes. */
  readonly fast: Uint16Array;
}

const fastBits = 10;

function huffmanTable(lengths: Uint8Array): HuffmanTable {
  const counts = new Int32Array(maxCodeLength + 2);
  let minLength = maxCodeLength;
  for (const length of lengths) {
    counts[length]!++;
    if (length < minLength) minLength = length;
  }
  const symbols = new Uint16Array(lengths.length);
  let n = 0;
  for (let length = 1; length <= maxCodeLength; length++) {
    for (let s = 0; s < lengths.length; s++) if (lengths[s] === length) symbols[n++] = s;
  }
  const limit = new Int32Array(maxCodeLength + 2).fill(-1);
  const base = new Int32Array(maxCodeLength + 2);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= maxCodeLength; length++) {
    const count = counts[length]!;
    base[length] = index - code;
    code += count;
    index += count;
    if (code > 1 << length) throw new ArchiveError("the bzip2 data has an impossible code");
    limit[length] = code - 1;
    code <<= 1;
  }
  const fast = new Uint16Array(1 << fastBits);
  for (let length = minLength; length <= fastBits; length++) {
    const first = (limit[length - 1]! + 1) << 1;
    for (let c = length === minLength ? 0 : first; c <= limit[length]!; c++) {
      const entry = length * 512 + symbols[c + base[length]!]!;
      fast.fill(entry, c << (fastBits - length), (c + 1) << (fastBits - length));
    }
  }
  return { minLength, limit, base, symbols, fast };
}

function symbol(bits: Bits, table: HuffmanTable): number {
  const entry = table.fast[bits.peek(fastBits)]!;
  if (entry !== 0) {
    bits.skip(entry >> 9);
    return entry & 511;
  }
  let length = table.minLength;
  let code = bits.take(length);
  while (code > table.limit[length]!) {
    if (++length > maxCodeLength) throw new ArchiveError("the bzip2 data has an impossible code");
    code = (code << 1) | bits.take(1);
  }
  const found = table.symbols[code + table.base[length]!];
  if (found === undefined) throw new ArchiveError("the bzip2 data has an impossible code");
  return found;
}

/** The bytes that the block uses, in order. */
function usedBytes(bits: Bits): number[] {
  const used: number[] = [];
  const groups = bits.take(16);
  for (let i = 0; i < 16; i++) {
    if (!(groups & (0x8000 >> i))) continue;
    const members = bits.take(16);
    for (let j = 0; j < 16; j++) if (members & (0x8000 >> j)) used.push(i * 16 + j);
  }
  if (used.length === 0) throw new ArchiveError("the bzip2 data has an empty block");
  return used;
}

function selectors(bits: Bits, tables: number): Uint8Array {
  const count = bits.take(15);
  if (count === 0) throw new ArchiveError("the bzip2 data has no selectors");
  const order = Array.from({ length: tables }, (_, i) => i);
  const result = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let j = 0;
    while (bits.take(1) === 1)
      if (++j >= tables) throw new ArchiveError("the bzip2 data has a wrong selector");
    const [chosen] = order.splice(j, 1);
    order.unshift(chosen!);
    result[i] = chosen!;
  }
  return result;
}

function readTables(bits: Bits, tables: number, alphabet: number): HuffmanTable[] {
  return Array.from({ length: tables }, () => {
    const lengths = new Uint8Array(alphabet);
    let length = bits.take(5);
    for (let s = 0; s < alphabet; s++) {
      for (;;) {
        if (length < 1 || length > maxCodeLength)
          throw new ArchiveError("the bzip2 data has a wrong code length");
        if (bits.take(1) === 0) break;
        length += bits.take(1) === 0 ? 1 : -1;
      }
      lengths[s] = length;
    }
    return huffmanTable(lengths);
  });
}

/** Undoes Huffman and move-to-front coding: the sorted block in the low bytes of `block`. Returns its length. */
function readSorted(bits: Bits, block: Uint32Array): number {
  const used = usedBytes(bits);
  const tableCount = bits.take(3);
  if (tableCount < 2 || tableCount > 6) throw new ArchiveError("the bzip2 data has a wrong number of tables");
  const chosen = selectors(bits, tableCount);
  const endOfBlock = used.length + 1;
  const tables = readTables(bits, tableCount, used.length + 2);
  const front = Uint8Array.from(used);
  let length = 0;
  let group = 0;
  let left = 0;
  let table = tables[0]!;
  let run = 0;
  let runBit = 1;
  for (;;) {
    if (left === 0) {
      const next = chosen[group++];
      if (next === undefined) throw new ArchiveError("the bzip2 data has too few selectors");
      table = tables[next]!;
      left = 50;
    }
    left--;
    const s = symbol(bits, table);
    if (s <= 1) {
      // Run lengths are numbers in base two with the digits 1 and 2.
      run += runBit << s;
      runBit <<= 1;
      if (run > block.length) throw new ArchiveError("the bzip2 data has a block that is too long");
      continue;
    }
    if (run > 0) {
      if (length + run > block.length) throw new ArchiveError("the bzip2 data has a block that is too long");
      block.fill(front[0]!, length, length + run);
      length += run;
      run = 0;
      runBit = 1;
    }
    if (s === endOfBlock) return length;
    if (length >= block.length) throw new ArchiveError("the bzip2 data has a block that is too long");
    const at = s - 1;
    const byte = front[at]!;
    front.copyWithin(1, 0, at);
    front[0] = byte;
    block[length++] = byte;
  }
}

function readBlock(bits: Bits, block: Uint32Array): { data: Buffer; crc: number } {
  const expected = bits.take32();
  if (bits.take(1) !== 0)
    throw new ArchiveError("the bzip2 data has a randomised block, which is not supported");
  const origin = bits.take(24);
  const length = readSorted(bits, block);
  if (origin >= length) throw new ArchiveError("the bzip2 data has a wrong block origin");
  // Undo the sorting: the upper bits of each cell become the place of the byte that follows.
  const counts = new Uint32Array(257);
  for (let i = 0; i < length; i++) counts[(block[i]! & 0xff) + 1]!++;
  for (let i = 0; i < 256; i++) counts[i + 1]! += counts[i]!;
  for (let i = 0; i < length; i++) {
    const byte = block[i]! & 0xff;
    const place = counts[byte]!++;
    block[place] = (block[place]! & 0xff) | (i << 8);
  }
  // Undo the first run-length coding: four equal bytes are followed by how many more there are.
  let out = Buffer.allocUnsafe(length + (length >> 1) + 1024);
  let size = 0;
  let crc = 0xffffffff;
  let place = block[origin]! >>> 8;
  let previous = -1;
  let same = 0;
  for (let i = 0; i < length; i++) {
    const cell = block[place]!;
    place = cell >>> 8;
    const byte = cell & 0xff;
    let times = 1;
    let value = byte;
    if (same === 4) {
      times = byte;
      value = previous;
      same = 0;
      previous = -1;
    } else if (byte === previous) same++;
    else {
      same = 1;
      previous = byte;
    }
    if (size + times > out.length) {
      const larger = Buffer.allocUnsafe(out.length * 2 + 1024);
      out.copy(larger, 0, 0, size);
      out = larger;
    }
    for (let k = 0; k < times; k++) {
      out[size++] = value;
      crc = (crc << 8) ^ crcTable[(crc >>> 24) ^ value]!;
    }
  }
  crc = ~crc >>> 0;
  if (crc !== expected) throw new ArchiveError("the bzip2 data has a wrong checksum");
  return { data: out.subarray(0, size), crc };
}

/** @throws ArchiveError if the data is broken or cut short */
export function* decompressBzip2(data: Uint8Array): Generator<Buffer> {
  const bits = new Bits(data);
  do {
    if (bits.take(24) !== 0x425a68) throw new ArchiveError("this is no bzip2 data");
    const level = bits.take(8) - 0x30;
    if (level < 1 || level > 9) throw new ArchiveError("this is no bzip2 data");
    const block = new Uint32Array(level * 100_000);
    let streamCrc = 0;
    for (;;) {
      const high = bits.take(24);
      const low = bits.take(24);
      if (high === endMagicHigh && low === endMagicLow) break;
      if (high !== blockMagicHigh || low !== blockMagicLow)
        throw new ArchiveError("the bzip2 data is broken");
      const { data: out, crc } = readBlock(bits, block);
      streamCrc = (((streamCrc << 1) | (streamCrc >>> 31)) ^ crc) >>> 0;
      yield out;
    }
    if (bits.take32() !== streamCrc) throw new ArchiveError("the bzip2 data has a wrong checksum");
    bits.align();
  } while (!bits.ended && bits.startsStream());
}
