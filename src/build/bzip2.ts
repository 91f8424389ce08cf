/**
 * A bzip2 encoder, for build logs: the only compression in which `nix log` and `nix-store -l` find a log on disk, and
 * one that Node does not have. Made for text of a few megabytes, not for speed; the output is an ordinary .bz2 file.
 *
 * A block is run-length encoded, sorted by its rotations (Burrows-Wheeler), moved to front and Huffman coded. Rotations
 * are sorted by prefix doubling with counting sort, so that no input is slow: repetitive logs are the rule.
 * Format: bzip2 1.0's decoder is the specification. Deviation: all groups of a block share one code.
 */

/** Bytes of a block, in units of 100,000, as the header says it. Larger ones cost latency, not only memory. */
const level = 3;
const blockCapacity = level * 100_000 - 20;
const symbolsPerGroup = 50;
const maxCodeLength = 17;

class BitWriter {
  #bytes = Buffer.allocUnsafe(1 << 16);
  #length = 0;
  #pending = 0;
  #bits = 0;
  /** @param count at most 24 */
  write(value: number, count: number): void {
    this.#pending = (this.#pending << count) | value;
    this.#bits += count;
    while (this.#bits >= 8) {
      this.#bits -= 8;
      this.#byte((this.#pending >>> this.#bits) & 0xff);
    }
    this.#pending &= (1 << this.#bits) - 1;
  }
  write32(value: number): void {
    this.write(value >>> 16, 16);
    this.write(value & 0xffff, 16);
  }
  #byte(byte: number): void {
    if (this.#length === this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes, Buffer.allocUnsafe(this.#length)]);
    this.#bytes[this.#length++] = byte;
  }
  finish(): Buffer {
    if (this.#bits > 0) this.write(0, 8 - this.#bits);
    return this.#bytes.subarray(0, this.#length);
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

/** Compresses all of `data`; gives way to other work between blocks. */
export async function compressBzip2(data: Uint8Array): Promise<Buffer> {
  const output = new BitWriter();
  for (const character of `BZh${level}`) output.write(character.charCodeAt(0), 8);
  let combined = 0;
  let position = 0;
  const block = new Uint8Array(blockCapacity + 5);
  while (position < data.length) {
    let length = 0;
    let crc = 0xffffffff;
    // Runs of four to 255 become four bytes and a count.
    while (position < data.length && length < blockCapacity) {
      const byte = data[position] as number;
      let run = 1;
      while (run < 255 && position + run < data.length && data[position + run] === byte) run++;
      for (let index = 0; index < run; index++) crc = (crc << 8) ^ (crcTable[(crc >>> 24) ^ byte] as number);
      for (let index = 0; index < Math.min(run, 4); index++) block[length++] = byte;
      if (run >= 4) block[length++] = run - 4;
      position += run;
    }
    crc = ~crc >>> 0;
    combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0;
    writeBlock(output, block.subarray(0, length), crc);
    await new Promise((resolve) => setImmediate(resolve));
  }
  output.write(0x177245, 24);
  output.write(0x385090, 24);
  output.write32(combined);
  return output.finish();
}

function writeBlock(output: BitWriter, block: Uint8Array, crc: number): void {
  const order = sortRotations(block);
  const n = block.length;
  let origin = 0;
  const last = new Uint8Array(n);
  for (let rank = 0; rank < n; rank++) {
    const start = order[rank] as number;
    if (start === 0) origin = rank;
    last[rank] = block[start === 0 ? n - 1 : start - 1] as number;
  }
  const used: number[] = [];
  const present = new Uint8Array(256);
  for (const byte of block) present[byte] = 1;
  for (let byte = 0; byte < 256; byte++) if (present[byte] === 1) used.push(byte);

  const symbols = moveToFront(last, used);
  const alphabet = used.length + 2;
  const frequencies = new Array<number>(alphabet).fill(0);
  for (const symbol of symbols) frequencies[symbol] = (frequencies[symbol] as number) + 1;
  const lengths = codeLengths(frequencies);
  const codes = canonicalCodes(lengths);

  output.write(0x314159, 24);
  output.write(0x265359, 24);
  output.write32(crc);
  output.write(0, 1);
  output.write(origin, 24);
  for (let group = 0, map = 0; group < 16; group++) {
    const any = present.subarray(group * 16, group * 16 + 16).includes(1) ? 1 : 0;
    map = (map << 1) | any;
    if (group === 15) output.write(map, 16);
  }
  for (let group = 0; group < 16; group++) {
    const members = present.subarray(group * 16, group * 16 + 16);
    if (members.includes(1)) for (const member of members) output.write(member, 1);
  }
  // Two codes are the least there may be; both are the same and the second is never chosen.
  output.write(2, 3);
  const groups = Math.ceil(symbols.length / symbolsPerGroup);
  output.write(groups, 15);
  for (let group = 0; group < groups; group++) output.write(0, 1);
  for (let table = 0; table < 2; table++) {
    let current = lengths[0] as number;
    output.write(current, 5);
    for (const length of lengths) {
      for (; current < length; current++) output.write(0b10, 2);
      for (; current > length; current--) output.write(0b11, 2);
      output.write(0, 1);
    }
  }
  for (const symbol of symbols) output.write(codes[symbol] as number, lengths[symbol] as number);
}

/** Starts of the block's rotations in lexical order. */
function sortRotations(block: Uint8Array): Int32Array {
  const n = block.length;
  const order = new Int32Array(n);
  const shifted = new Int32Array(n);
  let rank = new Int32Array(n);
  let nextRank = new Int32Array(n);
  const count = new Int32Array(Math.max(256, n) + 1);
  for (const byte of block) count[byte + 1] = (count[byte + 1] as number) + 1;
  for (let byte = 0; byte < 256; byte++)
    count[byte + 1] = (count[byte + 1] as number) + (count[byte] as number);
  const starts = count.slice(0, 257);
  for (let index = 0; index < n; index++) {
    const byte = block[index] as number;
    order[starts[byte] as number] = index;
    starts[byte] = (starts[byte] as number) + 1;
  }
  let classes = 0;
  for (let index = 0; index < n; index++) {
    if (index > 0 && block[order[index] as number] !== block[order[index - 1] as number]) classes++;
    rank[order[index] as number] = classes;
  }
  for (let width = 1; width < n && classes < n - 1; width *= 2) {
    // By the second half first: it is sorted already, `width` further on. Then stably by the first half.
    for (let index = 0; index < n; index++) {
      const start = (order[index] as number) - width;
      shifted[index] = start < 0 ? start + n : start;
    }
    count.fill(0, 0, classes + 2);
    for (let index = 0; index < n; index++) {
      const bucket = (rank[index] as number) + 1;
      count[bucket] = (count[bucket] as number) + 1;
    }
    for (let index = 0; index < classes; index++)
      count[index + 1] = (count[index + 1] as number) + (count[index] as number);
    for (let index = 0; index < n; index++) {
      const start = shifted[index] as number;
      const bucket = rank[start] as number;
      order[count[bucket] as number] = start;
      count[bucket] = (count[bucket] as number) + 1;
    }
    classes = 0;
    nextRank[order[0] as number] = 0;
    for (let index = 1; index < n; index++) {
      const here = order[index] as number;
      const before = order[index - 1] as number;
      if (
        rank[here] !== rank[before] ||
        rank[here + width < n ? here + width : here + width - n] !==
          rank[before + width < n ? before + width : before + width - n]
      ) {
        classes++;
      }
      nextRank[here] = classes;
    }
    [rank, nextRank] = [nextRank, rank];
  }
  return order;
}

/** Positions in a list where each byte met moves to the front; runs of zeros in bijective base 2; an end symbol. */
function moveToFront(bytes: Uint8Array, used: readonly number[]): Uint16Array {
  const list = Uint8Array.from(used);
  const symbols = new Uint16Array(bytes.length + 1);
  let length = 0;
  let zeros = 0;
  const flush = () => {
    for (; zeros > 0; zeros = (zeros - 1) >>> 1) symbols[length++] = zeros & 1 ? 0 : 1;
  };
  for (const byte of bytes) {
    if (list[0] === byte) {
      zeros++;
      continue;
    }
    flush();
    let position = 1;
    while (list[position] !== byte) position++;
    list.copyWithin(1, 0, position);
    list[0] = byte;
    symbols[length++] = position + 1;
  }
  flush();
  symbols[length++] = used.length + 1;
  return symbols.subarray(0, length);
}

/** Huffman code lengths; frequencies are flattened until none is longer than the decoder takes. */
function codeLengths(frequencies: readonly number[]): number[] {
  let weights = frequencies.map((frequency) => Math.max(frequency, 1));
  for (;;) {
    const lengths = huffman(weights);
    if (Math.max(...lengths) <= maxCodeLength) return lengths;
    weights = weights.map((weight) => Math.max(1, weight >>> 1));
  }
}

function huffman(weights: readonly number[]): number[] {
  type Node = { weight: number; left?: Node; right?: Node; symbol: number };
  // Two queues, each in order of weight: leaves, and nodes in the order they are made.
  const leaves: Node[] = weights
    .map((weight, symbol) => ({ weight, symbol }))
    .sort((a, b) => a.weight - b.weight);
  const nodes: Node[] = [];
  let leaf = 0;
  let node = 0;
  const take = (): Node => {
    const a = leaves[leaf];
    const b = nodes[node];
    if (b === undefined || (a !== undefined && a.weight <= b.weight)) {
      leaf++;
      return a as Node;
    }
    node++;
    return b;
  };
  for (let merges = 1; merges < weights.length; merges++) {
    const left = take();
    const right = take();
    nodes.push({ weight: left.weight + right.weight, left, right, symbol: -1 });
  }
  const lengths = new Array<number>(weights.length).fill(1);
  const stack: [Node, number][] = [[nodes[nodes.length - 1] as Node, 0]];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const [current, depth] = item;
    if (current.symbol >= 0) lengths[current.symbol] = Math.max(depth, 1);
    else stack.push([current.left as Node, depth + 1], [current.right as Node, depth + 1]);
  }
  return lengths;
}

function canonicalCodes(lengths: readonly number[]): number[] {
  const codes = new Array<number>(lengths.length).fill(0);
  let code = 0;
  for (let length = 1; length <= maxCodeLength; length++) {
    lengths.forEach((own, symbol) => {
      if (own === length) codes[symbol] = code++;
    });
    code <<= 1;
  }
  return codes;
}
