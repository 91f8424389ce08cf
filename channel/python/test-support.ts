/**
 * What the tests of the Python side share: wheels made to order, well-formed or not, and a Python to run on.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

export interface Member {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** Unix mode with the file's kind; 0o100644 if not given. */
  readonly mode?: number;
}

/** A ZIP archive of stored members, in this order, with whatever names. */
export function zip(members: readonly Member[]): Uint8Array {
  const parts: Buffer[] = [];
  const table: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode = 0o100644 } of members) {
    const data = Buffer.from(content);
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt16LE(0x5a21, 8); // a date after 1980
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    parts.push(Buffer.from("PK\x03\x04", "latin1"), common, nameBytes, data);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((mode << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    table.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), common, rest, nameBytes);
    offset += 4 + common.length + nameBytes.length + data.length;
  }
  const directory = Buffer.concat(table);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, directory, Buffer.from("PK\x05\x06", "latin1"), end]);
}

export interface WheelOptions {
  readonly project?: string;
  readonly entryPoints?: string;
  /** Added to the wheel as they are. */
  readonly members?: readonly Member[];
  /** Rows of RECORD that replace the true ones. */
  readonly record?: string;
}

/** Writes a wheel into `directory` and returns its path. */
export function writeWheel(directory: string, options: WheelOptions = {}): string {
  const project = options.project ?? "sample";
  const info = `${project}-1.0.dist-info`;
  const members: Member[] = [
    ...(options.members ?? [{ name: `${project}/__init__.py`, content: "answer = 42\n" }]),
    {
      name: `${info}/METADATA`,
      content: `Metadata-Version: 2.1\nName: ${project}\nVersion: 1.0\n\nA sample.\n`,
    },
    {
      name: `${info}/WHEEL`,
      content: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    },
  ];
  if (options.entryPoints !== undefined)
    members.push({ name: `${info}/entry_points.txt`, content: options.entryPoints });
  const rows = members.map(({ name, content }) => {
    const digest = createHash("sha256").update(content).digest("base64url");
    return `${name},sha256=${digest},${Buffer.from(content).length}`;
  });
  const record = options.record ?? [...rows, `${info}/RECORD,,`, ""].join("\n");
  members.push({ name: `${info}/RECORD`, content: record });
  const path = join(directory, `${project}-1.0-py3-none-any.whl`);
  writeFileSync(path, zip(members));
  return path;
}

/** A base interpreter of this machine (no shim, no environment), or why there is none. */
export function findPython(): { path: string; version: string; prefix: string } | { missing: string } {
  const done = spawnSync(
    "python3",
    [
      "-c",
      "import sys, os; print(os.path.realpath(sys._base_executable)); print('%d.%d' % sys.version_info[:2]); print(sys.base_prefix)",
    ],
    { encoding: "utf8" },
  );
  if (done.status !== 0) return { missing: "needs python3" };
  const [path, version, prefix] = done.stdout.split("\n") as [string, string, string];
  if (Number(version.split(".")[1]) < 10) return { missing: `needs python3 ≥ 3.10, found ${version}` };
  return { path, version, prefix };
}
