/** Archives, honest and hostile: what is written, and that nothing is written elsewhere. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import * as zlib from "node:zlib";
import { xz } from "@napi-rs/lzma";
import { decompressBzip2 } from "./bzip2.ts";
import { xzUncompressedSize } from "./decompress.ts";
import { ArchiveError } from "./error.ts";
import { unpackDeb } from "./unpack-deb.ts";
import { type UnpackTarOptions, unpackTar } from "./unpack-tar.ts";
import { readZipEntry, unpackZip } from "./unpack-zip.ts";

let top = "";
beforeEach(() => {
  top = fs.mkdtempSync(join(tmpdir(), "bruma-unpack-"));
  fs.writeFileSync(join(top, "canary"), "alive");
});
afterEach(() => {
  assert.equal(fs.readFileSync(join(top, "canary"), "utf8"), "alive");
  for (const name of fs.readdirSync(top))
    assert.ok(["canary", "archive", "out", "outside"].includes(name), name);
  fs.rmSync(top, { recursive: true, force: true });
});

interface Entry {
  name: string | Buffer;
  type?: string;
  data?: Buffer | string;
  link?: string;
  mode?: number;
  size?: number;
  magic?: string;
  prefix?: string;
}

function header(entry: Entry): Buffer {
  const block = Buffer.alloc(512);
  const name = Buffer.isBuffer(entry.name) ? entry.name : Buffer.from(entry.name);
  name.copy(block, 0, 0, 100);
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  octal(entry.mode ?? 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(entry.size ?? Buffer.from(entry.data ?? "").length, 124, 12);
  octal(1_000_000, 136, 12);
  block.write(entry.type ?? "0", 156, "latin1");
  block.write(entry.link ?? "", 157, 100, "latin1");
  block.write(entry.magic ?? "ustar\x0000", 257, "latin1");
  block.write(entry.prefix ?? "", 345, "latin1");
  block.fill(" ", 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function tar(entries: Entry[], ending: Buffer = Buffer.alloc(1024)): Buffer {
  const parts: Buffer[] = [];
  for (const entry of entries) {
    const data = Buffer.from(entry.data ?? "");
    parts.push(header(entry), data, Buffer.alloc((512 - (data.length % 512)) % 512));
  }
  return Buffer.concat([...parts, ending]);
}

function pax(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      const bytes = Buffer.byteLength(rest);
      let length = bytes + 1;
      while (String(length).length + bytes !== length) length = String(length).length + bytes;
      return length + rest;
    })
    .join("");
}

async function unpack(data: Buffer, options: Partial<UnpackTarOptions> = {}): Promise<string> {
  const out = join(top, "out");
  fs.rmSync(out, { recursive: true, force: true });
  fs.writeFileSync(join(top, "archive"), data);
  await unpackTar(join(top, "archive"), out, options);
  return out;
}

function list(directory: string, prefix = ""): string[] {
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    const shown = prefix + entry.name;
    if (entry.isDirectory()) return [`${shown}/`, ...list(path, `${shown}/`)];
    if (entry.isSymbolicLink()) return [`${shown} -> ${fs.readlinkSync(path)}`];
    const executable = fs.statSync(path).mode & 0o100 ? "*" : "";
    return [`${shown}${executable}=${fs.readFileSync(path, "latin1").slice(0, 20)}`];
  });
}

const refused = async (entries: Entry[] | Buffer, why: RegExp, options: Partial<UnpackTarOptions> = {}) => {
  await assert.rejects(unpack(Buffer.isBuffer(entries) ? entries : tar(entries), options), (error: Error) => {
    assert.ok(error instanceof ArchiveError, String(error.stack));
    assert.match(error.message, why);
    return true;
  });
};

test("files, modes, directories, links of both kinds", async () => {
  const out = await unpack(
    tar([
      { name: "./", type: "5" },
      { name: "./pkg/", type: "5", mode: 0o700 },
      { name: "pkg/run", data: "#!", mode: 0o4755 },
      { name: "pkg/text", data: "hello", mode: 0o600 },
      { name: "pkg/empty" },
      { name: "pkg/link", type: "2", link: "../pkg/text" },
      { name: "pkg/hard", type: "1", link: "./pkg/text" },
      { name: "new/deep/er/file", data: "x" },
    ]),
  );
  assert.deepEqual(list(out), [
    "new/",
    "new/deep/",
    "new/deep/er/",
    "new/deep/er/file=x",
    "pkg/",
    "pkg/empty=",
    "pkg/hard=hello",
    "pkg/link -> ../pkg/text",
    "pkg/run*=#!",
    "pkg/text=hello",
  ]);
  assert.equal(fs.statSync(join(out, "pkg/run")).mode & 0o7777, 0o755);
  assert.equal(fs.statSync(join(out, "pkg/text")).mode & 0o7777, 0o644);
  assert.equal(fs.statSync(join(out, "pkg")).mode & 0o7777, 0o755);
});

test("every compression", async () => {
  const plain = tar([{ name: "a", data: "contents" }]);
  // bzip2 of the text "hello hello hello\n", made by bzip2 1.0.8.
  const bz2 = Buffer.from("QlpoOTFBWSZTWeW18wkAAARRAAAQQAACRKAAIbUYDAKQacKjC7kinChIctr5hIA=", "base64");
  const forms: [string, Buffer][] = [
    ["none", plain],
    ["gzip", zlib.gzipSync(plain)],
    [
      "two gzip members",
      Buffer.concat([zlib.gzipSync(plain.subarray(0, 700)), zlib.gzipSync(plain.subarray(700))]),
    ],
    ["zstd", zlib.zstdCompressSync(plain)],
    ["xz", await xz.compress(plain)],
  ];
  for (const [name, data] of forms) assert.deepEqual(list(await unpack(data)), ["a=contents"], name);
  assert.equal(Buffer.concat([...decompressBzip2(bz2)]).toString(), "hello hello hello\n");
});

test("bzip2 undoes what bzip2 does", (context) => {
  let ran = 0;
  const random = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i * 31 + (i >> 3)) & 0xff));
  const cases = [
    Buffer.alloc(0),
    Buffer.from("a"),
    Buffer.alloc(1_000_000),
    Buffer.alloc(259, "z"),
    Buffer.from("abcabcabd".repeat(200_000)),
    random,
    fs.readFileSync(new URL(import.meta.url)),
  ];
  for (const data of cases) {
    for (const level of ["-1", "-9"]) {
      let packed: Buffer;
      try {
        packed = execFileSync("bzip2", [level, "-c"], { input: data, maxBuffer: 1 << 28 });
      } catch {
        context.skip("the program bzip2 is not installed");
        return;
      }
      ran++;
      assert.ok(Buffer.concat([...decompressBzip2(packed)]).equals(data));
      assert.ok(
        Buffer.concat([...decompressBzip2(Buffer.concat([packed, packed]))]).equals(
          Buffer.concat([data, data]),
        ),
      );
      if (packed.length > 1000) {
        const broken = Buffer.from(packed);
        broken[packed.length >> 1]! ^= 4;
        assert.throws(() => [...decompressBzip2(broken)], ArchiveError);
        assert.throws(() => [...decompressBzip2(packed.subarray(0, packed.length - 20))], ArchiveError);
      }
    }
  }
  assert.ok(ran > 0);
});

test("names: pax, GNU, ustar prefix, any bytes, chunks of any size", async () => {
  const long = `${"d".repeat(90)}/${"e".repeat(90)}/file`;
  const bytes = Buffer.from([0x66, 0xff, 0xfe]);
  const data = tar([
    { name: "PaxHeader", type: "x", data: pax({ path: `pax/${long}`, mtime: "1.5" }) },
    { name: "short", data: "1" },
    { name: "././@LongLink", type: "L", data: `gnu/${long}\0` },
    { name: "short", data: "2", magic: "ustar  \0" },
    { name: "PaxHeader", type: "x", data: pax({ linkpath: "x".repeat(120) }) },
    { name: "link", type: "2", link: "x" },
    { name: "tail", prefix: "pre/fix", data: "3" },
    { name: bytes, data: "4" },
    { name: "pax_global_header", type: "g", data: pax({ comment: "0123" }) },
    { name: "v7", data: "5", magic: "" },
    { name: "v7dir/", magic: "" },
  ]);
  const out = await unpack(data);
  assert.equal(fs.readFileSync(join(out, "pax", long), "utf8"), "1");
  assert.equal(fs.readFileSync(join(out, "gnu", long), "utf8"), "2");
  assert.equal(fs.readFileSync(join(out, "pre/fix/tail"), "utf8"), "3");
  assert.equal(fs.readlinkSync(join(out, "link")), "x".repeat(120));
  assert.equal(fs.readFileSync(Buffer.concat([Buffer.from(`${out}/`), bytes]), "utf8"), "4");
  assert.ok(fs.statSync(join(out, "v7dir")).isDirectory());
});

test("paths out of the root are refused", async () => {
  await refused([{ name: "/etc/passwd", data: "x" }], /absolute path/);
  await refused([{ name: "../outside", data: "x" }], /leads out/);
  await refused([{ name: "a/../../outside", data: "x" }], /leads out/);
  await refused([{ name: "a/b/..", type: "5" }], /leads out/);
  await refused(
    [
      { name: "x", type: "x", data: pax({ path: "../outside" }) },
      { name: "ok", data: "x" },
    ],
    /leads out/,
  );
  await refused(
    [
      { name: "x", type: "x", data: pax({ path: "a\0b" }) },
      { name: "ok", data: "x" },
    ],
    /NUL/,
  );
  await refused(
    [
      { name: "n".repeat(99), prefix: "p".repeat(10), type: "x", data: pax({ path: "q".repeat(256) }) },
      { name: "a" },
    ],
    /too long a name/,
  );
});

test("links out of the root are refused, whatever way they go", async () => {
  await refused([{ name: "l", type: "2", link: "/etc" }], /is a link to '\/etc'/);
  await refused([{ name: "l", type: "2", link: "../x" }], /out of the archive/);
  await refused([{ name: "a/b/l", type: "2", link: "../../../x" }], /out of the archive/);
  assert.deepEqual(list(await unpack(tar([{ name: "a/b/l", type: "2", link: "../../x" }]))), [
    "a/",
    "a/b/",
    "a/b/l -> ../../x",
  ]);
  const absolute = tar([{ name: "lib64/ld", type: "2", link: "/lib/ld.so" }]);
  assert.deepEqual(list(await unpack(absolute, { links: "root" })), ["lib64/", "lib64/ld -> /lib/ld.so"]);
  await refused([{ name: "l", type: "2", link: "../x" }], /out of the archive/, { links: "root" });
  assert.deepEqual(list(await unpack(tar([{ name: "l", type: "2", link: "../../x" }]), { links: "any" })), [
    "l -> ../../x",
  ]);
  await refused([{ name: "h", type: "1", link: "/etc/passwd" }], /absolute/);
  await refused([{ name: "h", type: "1", link: "../canary" }], /leads out/);
  await refused(
    [
      { name: "h", type: "1", link: "later" },
      { name: "later", data: "x" },
    ],
    /no file that came before/,
  );
});

test("nothing is written through a link, in any order", async () => {
  fs.mkdirSync(join(top, "outside"));
  for (const links of ["any", "root"] as const) {
    const out = links === "any" ? "../outside" : "/outside";
    await refused(
      [
        { name: "d", type: "2", link: out },
        { name: "d/evil", data: "x" },
      ],
      /lies below 'd', which is a link/,
      { links },
    );
    await refused(
      [{ name: "d", type: "2", link: out }, { name: "d", type: "5" }, { name: "d/evil" }],
      /twice/,
      { links },
    );
    await refused(
      [
        { name: "d", type: "2", link: out },
        { name: "d", data: "x" },
      ],
      /twice/,
      { links },
    );
    await refused(
      [
        { name: "d", type: "5" },
        { name: "d", type: "2", link: out },
      ],
      /twice/,
      { links },
    );
    await refused(
      [
        { name: "s", type: "2", link: "../canary" },
        { name: "h", type: "1", link: "s" },
      ],
      /link/,
      { links },
    );
  }
  await refused(
    [
      { name: "f", data: "x" },
      { name: "f/g", data: "x" },
    ],
    /lies below 'f', which is a file/,
  );
  assert.deepEqual(fs.readdirSync(join(top, "outside")), []);
  // A later file takes an earlier one's place, and a hard link of the earlier keeps its contents.
  const out = await unpack(
    tar([
      { name: "f", data: "old" },
      { name: "h", type: "1", link: "f" },
      { name: "./f", data: "new" },
    ]),
  );
  assert.deepEqual(list(out), ["f=new", "h=old"]);
});

test("devices, pipes, sparse files and unknown types are refused", async () => {
  await refused([{ name: "d", type: "3" }], /device/);
  await refused([{ name: "d", type: "4" }], /device/);
  await refused([{ name: "d", type: "6" }], /pipe/);
  await refused([{ name: "d", type: "S" }], /sparse/);
  await refused([{ name: "d", type: "Z" }], /unknown type/);
  await refused([{ name: "x", type: "x", data: pax({ "GNU.sparse.major": "1" }) }, { name: "a" }], /sparse/);
});

test("what readers could read differently is refused", async () => {
  const hidden = tar([{ name: "hidden", data: "evil" }], Buffer.alloc(0));
  // The pax size says that the inner headers are contents, the ustar size that they are members.
  await refused(
    [
      { name: "x", type: "x", data: pax({ size: "1024" }) },
      { name: "f", size: 0, data: "" },
      { name: "g", data: hidden },
    ],
    /two sizes/,
  );
  await refused(
    [
      { name: "x", type: "x", data: pax({ size: "0" }) },
      { name: "f", data: "x".repeat(512) },
    ],
    /two sizes/,
  );
  await refused(
    [
      { name: "x", type: "x", data: pax({ path: "a" }) },
      { name: "x", type: "x", data: pax({ path: "b" }) },
      { name: "f" },
    ],
    /path twice/,
  );
  await refused(
    [
      { name: "x", type: "x", data: pax({ path: "a" }) },
      { name: "L", type: "L", data: "b\0" },
      { name: "f" },
    ],
    /path twice/,
  );
  await refused([{ name: "x", type: "g", data: pax({ path: "a" }) }, { name: "f" }], /all members at once/);
  await refused([{ name: "h", type: "1", link: "f", data: "x" }], /with contents/);
  await refused([{ name: "s", type: "2", link: "f", data: "x" }], /with contents/);
  await refused([{ name: "d/", data: "x" }], /with contents/);
  await refused(
    Buffer.concat([tar([{ name: "a" }], Buffer.alloc(512)), tar([{ name: "b" }])]),
    /after a zero block/,
  );
  await refused([{ name: "x", type: "x", data: "99 path=a\n" }, { name: "f" }], /broken pax/);
  await refused([{ name: "x", type: "x", data: "10 path=a\n 5 \n" }, { name: "f" }], /broken pax/);
  // What follows the end mark is no part of the archive.
  assert.deepEqual(list(await unpack(Buffer.concat([tar([{ name: "a" }]), tar([{ name: "b" }])]))), ["a="]);
});

test("broken and cut archives", async () => {
  const good = tar([{ name: "a", data: "x".repeat(2000) }]);
  for (const length of [1, 511, 700, 2000])
    await refused(good.subarray(0, length), /cut short|no tar archive/);
  await refused(Buffer.alloc(0), /no tar archive/);
  await refused(Buffer.from("this is a text that is long enough".repeat(40)), /no tar archive/);
  const wrong = Buffer.from(good);
  wrong[0] = 98;
  await refused(wrong, /no tar archive/);
  const huge = header({ name: "a" });
  huge.fill(0xff, 124, 136);
  huge.fill(" ", 148, 156);
  let sum = 0;
  for (const byte of huge) sum += byte;
  huge.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  await refused(huge, /impossible size/);
  await refused(zlib.gzipSync(good).subarray(0, 30), /cannot be decompressed|cut short/);
  await refused((await xz.compress(good)).subarray(0, 60), /broken or cut short/);
});

test("bounds: entries, bytes, depth, bombs in every compression", async () => {
  const many = Array.from({ length: 50 }, (_, i) => ({ name: `f${i}` }));
  await refused(many, /more than 20/, { maxEntries: 20 });
  await refused([{ name: "big", data: "x".repeat(5000) }], /beyond 4096 bytes/, { maxBytes: 4096 });
  await refused(
    [
      {
        name: Array(300).fill("a").join("/"),
        type: "x",
        data: pax({ path: Array(300).fill("a").join("/") }),
      },
      { name: "f" },
    ],
    /nested too deep/,
  );
  const bomb = tar([{ name: "zeros", data: Buffer.alloc(30 << 20) }]);
  const limits = { maxBytes: 1 << 20, maxEntries: 10 };
  for (const packed of [zlib.gzipSync(bomb), zlib.zstdCompressSync(bomb), await xz.compress(bomb)]) {
    await refused(packed, /larger than|beyond/, limits);
  }
});

test("an xz index that lies is found out", async () => {
  const data = await xz.compress(Buffer.alloc(100_000));
  assert.equal(xzUncompressedSize(data), 100_000n);
  assert.equal(xzUncompressedSize(Buffer.concat([data, Buffer.alloc(8), data])), 200_000n);
  assert.throws(() => xzUncompressedSize(data.subarray(1)), ArchiveError);
  assert.throws(() => xzUncompressedSize(Buffer.from("x".repeat(100))), ArchiveError);
});

test("the destination must be empty", async () => {
  fs.mkdirSync(join(top, "out"));
  fs.writeFileSync(join(top, "out", "mine"), "");
  fs.writeFileSync(join(top, "archive"), tar([{ name: "a" }]));
  await assert.rejects(unpackTar(join(top, "archive"), join(top, "out")), /not an empty directory/);
});

// Debian packages

function ar(members: [string, Buffer][]): Buffer {
  const parts: Buffer[] = [Buffer.from("!<arch>\n")];
  for (const [name, data] of members) {
    parts.push(
      Buffer.from(
        `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(data.length).padEnd(10)}\`\n`,
      ),
      data,
      Buffer.alloc(data.length % 2, "\n"),
    );
  }
  return Buffer.concat(parts);
}

test("a .deb's files, in every compression", async () => {
  const data = tar([
    { name: "./", type: "5" },
    { name: "./usr/bin/tool", data: "x", mode: 0o755 },
    { name: "./usr/lib64", type: "2", link: "/usr/lib" },
  ]);
  const control = zlib.gzipSync(tar([{ name: "./postinst", data: "rm -rf /", mode: 0o755 }]));
  for (const [name, packed] of [
    ["data.tar", data],
    ["data.tar.gz", zlib.gzipSync(data)],
    ["data.tar.xz", await xz.compress(data)],
    ["data.tar.zst", zlib.zstdCompressSync(data)],
  ] as [string, Buffer][]) {
    fs.rmSync(join(top, "out"), { recursive: true, force: true });
    fs.writeFileSync(
      join(top, "archive"),
      ar([
        ["debian-binary", Buffer.from("2.0\n")],
        ["control.tar.gz", control],
        [name, packed],
      ]),
    );
    await unpackDeb(join(top, "archive"), join(top, "out"));
    assert.deepEqual(list(join(top, "out")), [
      "usr/",
      "usr/bin/",
      "usr/bin/tool*=x",
      "usr/lib64 -> /usr/lib",
    ]);
  }
});

test("broken .debs are refused", async () => {
  const start: [string, Buffer] = ["debian-binary", Buffer.from("2.0\n")];
  const data: [string, Buffer] = ["data.tar", tar([{ name: "../canary", data: "dead" }])];
  const cases: [Buffer, RegExp][] = [
    [Buffer.from("x"), /no Debian package/],
    [ar([start]), /no data.tar/],
    [ar([data]), /does not begin/],
    [ar([start, data, data]), /2 members/],
    [ar([start, data]).subarray(0, 400), /cut short/],
    [ar([start, data]), /leads out/],
  ];
  for (const [bytes, why] of cases) {
    fs.rmSync(join(top, "out"), { recursive: true, force: true });
    fs.writeFileSync(join(top, "archive"), bytes);
    await assert.rejects(unpackDeb(join(top, "archive"), join(top, "out")), (error: Error) => {
      assert.ok(error instanceof ArchiveError);
      assert.match(error.message, why);
      return true;
    });
  }
});

// Zip

interface ZipEntry {
  name: string;
  data?: Buffer | string;
  mode?: number;
  deflate?: boolean;
  descriptor?: boolean;
  localName?: string;
  localSize?: number;
  size?: number;
  crc?: number;
  flags?: number;
  method?: number;
  extra?: Buffer;
  before?: Buffer;
}

function zip(
  entries: ZipEntry[],
  changes: { comment?: string; count?: number; after?: Buffer; prepend?: Buffer } = {},
): Buffer {
  const parts: Buffer[] = changes.prepend ? [changes.prepend] : [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    if (entry.before) {
      parts.push(entry.before);
      offset += entry.before.length;
    }
    const data = Buffer.from(entry.data ?? "");
    const packed = entry.deflate ? zlib.deflateRawSync(data) : data;
    const flags = (entry.flags ?? 0x800) | (entry.descriptor ? 8 : 0);
    const method = entry.method ?? (entry.deflate ? 8 : 0);
    const crc = entry.crc ?? zlib.crc32(data);
    const size = entry.size ?? data.length;
    const localName = Buffer.from(entry.localName ?? entry.name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    if (!entry.descriptor) {
      local.writeUInt32LE(crc, 14);
      local.writeUInt32LE(packed.length, 18);
      local.writeUInt32LE(entry.localSize ?? size, 22);
    }
    local.writeUInt16LE(localName.length, 26);
    const tail = Buffer.alloc(entry.descriptor ? 16 : 0);
    if (entry.descriptor) {
      tail.writeUInt32LE(0x08074b50, 0);
      tail.writeUInt32LE(crc, 4);
      tail.writeUInt32LE(packed.length, 8);
      tail.writeUInt32LE(size, 12);
    }
    parts.push(local, localName, packed, tail);
    const name = Buffer.from(entry.name);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(0x031e, 4);
    record.writeUInt16LE(20, 6);
    record.writeUInt16LE(flags, 8);
    record.writeUInt16LE(method, 10);
    record.writeUInt32LE(crc, 16);
    record.writeUInt32LE(packed.length, 20);
    record.writeUInt32LE(size, 24);
    record.writeUInt16LE(name.length, 28);
    record.writeUInt16LE(entry.extra?.length ?? 0, 30);
    record.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 38);
    record.writeUInt32LE(offset, 42);
    central.push(record, name, entry.extra ?? Buffer.alloc(0));
    offset += local.length + localName.length + packed.length + tail.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(changes.count ?? entries.length, 8);
  end.writeUInt16LE(changes.count ?? entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(changes.comment?.length ?? 0, 20);
  return Buffer.concat([
    ...parts,
    directory,
    end,
    Buffer.from(changes.comment ?? ""),
    changes.after ?? Buffer.alloc(0),
  ]);
}

async function unzip(data: Buffer): Promise<string> {
  const out = join(top, "out");
  fs.rmSync(out, { recursive: true, force: true });
  fs.writeFileSync(join(top, "archive"), data);
  await unpackZip(join(top, "archive"), out);
  return out;
}

const refusedZip = async (data: Buffer, why: RegExp) => {
  await assert.rejects(unzip(data), (error: Error) => {
    assert.ok(error instanceof ArchiveError, String(error.stack));
    assert.match(error.message, why);
    return true;
  });
};

test("a wheel: stored, deflated, with descriptors, executables, links inside", async () => {
  const data = zip([
    { name: "pkg/", mode: 0o40755 },
    { name: "pkg/__init__.py", data: "x = 1\n".repeat(100), deflate: true },
    { name: "pkg/data", data: "d", descriptor: true },
    { name: "pkg/deflated", data: "e".repeat(500), deflate: true, descriptor: true },
    { name: "bin/tool", data: "#!", mode: 0o100755 },
    { name: "link", data: "pkg/data", mode: 0o120777 },
    { name: "pkg/ü", data: "u" },
  ]);
  assert.deepEqual(list(await unzip(data)), [
    "bin/",
    "bin/tool*=#!",
    "link -> pkg/data",
    "pkg/",
    "pkg/__init__.py=x = 1\nx = 1\nx = 1\nx ",
    "pkg/data=d",
    "pkg/deflated=eeeeeeeeeeeeeeeeeeee",
    "pkg/ü=u",
  ]);
  const archive = join(top, "archive");
  assert.equal((await readZipEntry(archive, "pkg/data", 100))?.toString(), "d");
  assert.equal(await readZipEntry(archive, "nope", 100), undefined);
  await assert.rejects(readZipEntry(archive, "pkg/__init__.py", 100), /larger than 100/);
});

test("zips that readers could read differently are refused", async () => {
  const a = { name: "a", data: "1" };
  await refusedZip(zip([a, { name: "a", data: "2" }]), /two members called 'a'/);
  await refusedZip(zip([a, { name: "a/", data: "" }]), /two members called/);
  await refusedZip(zip([{ ...a, localName: "b" }]), /two names/);
  await refusedZip(zip([{ ...a, localSize: 0 }]), /two sizes/);
  await refusedZip(zip([a], { prepend: Buffer.from("#!/bin/sh\n") }), /not where it says|between/);
  await refusedZip(zip([a, { ...a, name: "b", before: Buffer.from("hidden") }]), /between/);
  await refusedZip(zip([a], { after: Buffer.from("trailing") }), /follows its end/);
  await refusedZip(Buffer.concat([zip([a]), zip([{ name: "b" }])]), /not where it says|between/);
  await refusedZip(zip([a], { comment: "PK" }), /follows its end|not where/);
  await refusedZip(zip([a, { name: "b" }], { count: 1 }), /more than it says/);
  await refusedZip(zip([{ ...a, crc: 1 }]), /wrong checksum/);
  await refusedZip(
    zip([{ name: "a", data: "x".repeat(100), deflate: true, size: 50 }]),
    /larger than it says|cannot be decompressed/,
  );
  await refusedZip(
    zip([{ name: "a", data: "x".repeat(100), deflate: true, size: 200 }]),
    /smaller than it says/,
  );
  await refusedZip(zip([{ ...a, flags: 1 }]), /encrypted/);
  await refusedZip(zip([{ ...a, method: 14 }]), /method 14/);
  const unicodePath = Buffer.from([0x75, 0x70, 5, 0, 1, 0, 0, 0, 0]);
  await refusedZip(zip([{ ...a, extra: unicodePath }]), /two names/);
  await refusedZip(zip([{ ...a, extra: Buffer.from([1, 0, 200, 0]) }]), /broken extra/);
  await refusedZip(zip([{ name: "a", data: "1", size: 0xffffffff }]), /zip64/);
  // A tar that is a zip as well.
  await refusedZip(Buffer.concat([tar([{ name: "a" }]), zip([a])]), /not where it says|between/);
  await refused(Buffer.concat([zip([a]), tar([{ name: "a" }])]), /no tar archive/);
});

test("zips that lead out are refused", async () => {
  await refusedZip(zip([{ name: "../canary", data: "x" }]), /leads out/);
  await refusedZip(zip([{ name: "/abs", data: "x" }]), /absolute/);
  await refusedZip(zip([{ name: "a\\..\\b", data: "x" }]), /backslash/);
  await refusedZip(zip([{ name: "l", data: "/etc", mode: 0o120777 }]), /is a link/);
  await refusedZip(
    zip([
      { name: "l", data: "..", mode: 0o120777 },
      { name: "l/canary", data: "x" },
    ]),
    /link/,
  );
  await refusedZip(zip([{ name: "dev", mode: 0o060644 }]), /device/);
  await refusedZip(zip([{ name: "a\0b", data: "x" }]), /impossible name/);
  await refusedZip(Buffer.from("not a zip at all, but long enough"), /no zip archive/);
  await refusedZip(Buffer.alloc(0), /no zip archive/);
});
