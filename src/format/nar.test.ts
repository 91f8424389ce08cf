/** NAR in both directions: bytes as written by hand from the specification, round trips, hostile archives. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { ByteSource } from "./byte-source.ts";
import { dumpTree, type FileTree, readTree } from "./file-tree.ts";
import { NarError } from "./format-error.ts";
import { hashBytes } from "./hash.ts";
import { dumpPath, restoreNar } from "./nar.ts";
import { narOfFile, newFileNar } from "./nar-writer.ts";

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "bruma-nar-"));
after(() => {
  makeWritable(scratch);
  fs.rmSync(scratch, { recursive: true, force: true });
});
let counter = 0;
const fresh = (): string => path.join(scratch, `n${counter++}`);

function makeWritable(directory: string): void {
  fs.chmodSync(directory, 0o755);
  for (const entry of fs.readdirSync(directory, { withFileTypes: true, encoding: "buffer" }))
    if (entry.isDirectory()) makeWritable(path.join(directory, entry.name.toString()));
}

function number(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
function string(text: string): Buffer {
  return Buffer.concat([
    number(BigInt(text.length)),
    Buffer.from(text, "latin1"),
    Buffer.alloc((8 - (text.length % 8)) % 8),
  ]);
}
/** Words to an archive: strings as they are, Buffers raw. */
function archive(...words: (string | Buffer)[]): Buffer {
  return Buffer.concat(
    ["nix-archive-1", ...words].map((word) => (typeof word === "string" ? string(word) : word)),
  );
}
function dumped(dump: (sink: (chunk: Uint8Array) => void) => void): Buffer {
  const chunks: Buffer[] = [];
  dump((chunk) => chunks.push(Buffer.from(chunk)));
  return Buffer.concat(chunks);
}
const file = (text: string) => ["(", "type", "regular", "contents", text, ")"];
const entry = (name: string, ...node: (string | Buffer)[]) => [
  "entry",
  "(",
  "name",
  name,
  "node",
  ...node,
  ")",
];
const directory = (...entries: (string | Buffer)[]) => ["(", "type", "directory", ...entries, ")"];

const sample: Extract<FileTree, { kind: "directory" }> = {
  kind: "directory",
  entries: new Map<string, FileTree>([
    ["b", { kind: "regular", contents: Buffer.from("hello"), executable: true }],
    ["a\xff", { kind: "symlink", target: "../\xe9" }],
    ["a", { kind: "directory", entries: new Map() }],
    ["B", { kind: "regular", contents: Buffer.alloc(700_001, 7), executable: false }],
    ["a.b", { kind: "regular", contents: Buffer.alloc(0), executable: false }],
  ]),
};

test("bytes as specified", () => {
  const expected = archive(
    ...directory(
      ...entry("a", ...file("x")),
      ...entry("b", "(", "type", "regular", "executable", "", "contents", "12345678", ")"),
      ...entry("c", "(", "type", "symlink", "target", "a", ")"),
    ),
  );
  const root = fresh();
  fs.mkdirSync(root);
  fs.writeFileSync(`${root}/a`, "x");
  fs.writeFileSync(`${root}/b`, "12345678", { mode: 0o744 });
  fs.symlinkSync("a", `${root}/c`);
  assert.deepEqual(
    dumped((sink) => dumpPath(root, sink)),
    expected,
  );
  assert.deepEqual(
    dumped((sink) => dumpTree(readTree(expected), sink)),
    expected,
  );
  assert.deepEqual(narOfFile(Buffer.from("x")), archive(...file("x")));
  const executable = newFileNar(8, true);
  executable.contents.write("12345678");
  assert.deepEqual(
    executable.nar,
    archive("(", "type", "regular", "executable", "", "contents", "12345678", ")"),
  );
});

test("names are ordered as bytes and come back whole", () => {
  const nar = dumped((sink) => dumpTree(sample, sink));
  const root = fresh();
  restoreNar(nar, root);
  assert.deepEqual(
    dumped((sink) => dumpPath(root, sink)),
    nar,
  );
  const names = fs.readdirSync(root, { encoding: "latin1" }).sort();
  assert.deepEqual(names, ["B", "a", "a.b", "a\xff", "b"]);
});

test("canonical: modes and times", () => {
  const old = process.umask(0o077);
  const root = fresh();
  try {
    restoreNar(
      dumped((sink) => dumpTree(sample, sink)),
      root,
      { canonical: true, fsync: true },
    );
  } finally {
    process.umask(old);
  }
  const modeOf = (name: string) => fs.lstatSync(`${root}${name}`).mode & 0o7777;
  assert.equal(modeOf(""), 0o555);
  assert.equal(modeOf("/a"), 0o555);
  assert.equal(modeOf("/b"), 0o555);
  assert.equal(modeOf("/B"), 0o444);
  for (const name of ["", "/a", "/b", "/B", "/a.b"])
    assert.equal(fs.lstatSync(`${root}${name}`).mtimeMs, 1000);
  assert.equal(fs.lstatSync(Buffer.from(`${root}/a\xff`, "latin1")).mtimeMs, 1000);
});

test("a filter sees absolute paths and leaves out", () => {
  const root = fresh();
  fs.mkdirSync(`${root}/d`, { recursive: true });
  fs.writeFileSync(`${root}/d/x`, "");
  fs.writeFileSync(`${root}/y`, "");
  const seen: string[] = [];
  const nar = dumped((sink) =>
    dumpPath(root, sink, (name, type) => {
      seen.push(`${type} ${name.slice(root.length)}`);
      return !name.endsWith("/y");
    }),
  );
  assert.deepEqual(seen, ["directory /d", "regular /d/x", "regular /y"]);
  assert.deepEqual(nar, archive(...directory(...entry("d", ...directory(...entry("x", ...file("")))))));
});

test("what no NAR can hold is refused", () => {
  const root = fresh();
  fs.mkdirSync(root);
  assert.throws(() => dumpPath(`${root}/missing`, () => {}), { code: "ENOENT" });
  if (process.platform === "linux")
    assert.throws(() => dumpPath("/dev/null", () => {}), /has an unsupported type/);
  let deep = root;
  for (let depth = 0; depth < 70; depth++) deep = `${deep}/d`;
  fs.mkdirSync(deep, { recursive: true });
  assert.throws(() => dumpPath(root, () => {}), /exceeds maximum NAR directory depth of 64/);
});

const hostile: [string, Buffer, RegExp][] = [
  ["empty", Buffer.alloc(0), /doesn't look like/],
  ["other magic", Buffer.concat([string("nix-archive-2")]), /doesn't look like/],
  [
    "duplicate name",
    archive(...directory(...entry("a", ...file("1")), ...entry("a", ...file("2")))),
    /not sorted/,
  ],
  [
    "a link, then a directory through it",
    archive(
      ...directory(
        ...entry("a", "(", "type", "symlink", "target", "/tmp", ")"),
        ...entry("a", ...directory(...entry("x", ...file("")))),
      ),
    ),
    /not sorted/,
  ],
  ["unsorted", archive(...directory(...entry("b", ...file("")), ...entry("a", ...file("")))), /not sorted/],
  ...["", ".", "..", "a/b", "/", "a\0"].map((name): [string, Buffer, RegExp] => [
    `name ${JSON.stringify(name)}`,
    archive(...directory(...entry(name, ...file("")))),
    /invalid file name/,
  ]),
  ["long name", archive(...directory(...entry("a".repeat(256), ...file("")))), /string is too long/],
  ["long target", archive("(", "type", "symlink", "target", "a".repeat(4096), ")"), /string is too long/],
  ["empty target", archive("(", "type", "symlink", "target", "", ")"), /invalid symlink target/],
  ["NUL in target", archive("(", "type", "symlink", "target", "a\0b", ")"), /invalid symlink target/],
  ["unknown type", archive("(", "type", "socket", ")"), /unknown file type 'socket'/],
  [
    "executable with a value",
    archive("(", "type", "regular", "executable", "x", "contents", "", ")"),
    /too long/,
  ],
  ["tag", archive("(", "tyqe"), /expected tag 'type', got 'tyqe'/],
  ["long tag", archive("(", "type", "regular".repeat(9)), /string is too long/],
  ["length near 2^64", archive("(", "type", "regular", "contents", number(2n ** 64n - 1n)), /too large/],
  ["length of 2^63", archive("(", "type", "regular", "contents", number(2n ** 63n)), /too large/],
  ["length of 2^40", archive("(", "type", "regular", "contents", number(2n ** 40n), "abc"), /end-of-file/],
  [
    "name length 2^64-8",
    archive("(", "type", "directory", "entry", "(", "name", number(2n ** 64n - 8n)),
    /too large/,
  ],
  [
    "padding",
    archive("(", "type", "regular", "contents", number(1n), Buffer.from("axxxxxxx"), ")"),
    /non-zero padding/,
  ],
  ["cut off", archive(...directory(...entry("a", ...file("abc")))).subarray(0, -16), /end-of-file/],
  [
    "too deep",
    archive(
      ...Array.from({ length: 70 }, () => [
        "(",
        "type",
        "directory",
        "entry",
        "(",
        "name",
        "d",
        "node",
      ]).flat(),
    ),
    /nesting exceeds maximum depth of 64/,
  ],
];
for (const [name, bytes, message] of hostile)
  test(`hostile: ${name}`, () => {
    assert.throws(
      () => restoreNar(bytes, fresh()),
      (error: Error) => {
        assert.ok(error instanceof NarError);
        assert.match(error.message, /^bad archive: /);
        assert.match(error.message, message);
        return true;
      },
    );
    assert.throws(() => readTree(bytes), message);
  });

test("nothing is followed or replaced at the destination", () => {
  const canary = fresh();
  fs.writeFileSync(canary, "as it was");
  const link = fresh();
  fs.symlinkSync(canary, link);
  assert.throws(() => restoreNar(archive(...file("new")), link), { code: "EEXIST" });
  const dangling = fresh();
  fs.symlinkSync(`${canary}-new`, dangling);
  assert.throws(() => restoreNar(archive(...file("new")), dangling), { code: "EEXIST" });
  assert.throws(() => restoreNar(archive(...directory()), link), { code: "EEXIST" });
  assert.equal(fs.readFileSync(canary, "utf8"), "as it was");
  assert.ok(!fs.existsSync(`${canary}-new`));
});

test("a source in small pieces, its tap, and what follows the archive", () => {
  const nar = dumped((sink) => dumpTree(sample, sink));
  const all = Buffer.concat([nar, Buffer.from("tail")]);
  const pieces = function* () {
    for (let at = 0; at < all.length; at += 4093) yield all.subarray(at, at + 4093);
  };
  const source = ByteSource.fromChunks(pieces());
  const seen: Buffer[] = [];
  source.setTap((chunk) => seen.push(Buffer.from(chunk)));
  readTree(source);
  source.setTap(undefined);
  assert.ok(hashBytes("sha256", Buffer.concat(seen)).equals(hashBytes("sha256", nar)));
  assert.equal(source.take(4).toString(), "tail");
  assert.ok(source.atEnd());
});

test("damaged archives never crash the parser", () => {
  const nar = dumped((sink) =>
    dumpTree(
      { kind: "directory", entries: new Map([...sample.entries].filter(([name]) => name !== "B")) },
      sink,
    ),
  );
  fc.assert(
    fc.property(fc.nat(nar.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const damaged = Buffer.from(nar);
      damaged[at] = byte;
      try {
        const back = dumped((sink) => dumpTree(readTree(damaged), sink));
        assert.deepEqual(back, damaged);
      } catch (error) {
        if (!(error instanceof NarError)) throw error;
      }
    }),
    { numRuns: 3000 },
  );
});
