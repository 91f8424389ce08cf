/** Files of every length around a piece, beside Node's crypto. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { hashDescriptor, hashFile } from "./hash-file.ts";

const directory = mkdtempSync(join(tmpdir(), "bruma-test-"));
after(() => rmSync(directory, { recursive: true }));
const file = join(directory, "file");
const expected = (algorithm: string, data: Uint8Array) => createHash(algorithm).update(data).digest("hex");

test("whole files", () => {
  for (const length of [0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 1_000_000]) {
    const data = randomBytes(length);
    writeFileSync(file, data);
    for (const algorithm of ["sha256", "md5"] as const)
      assert.equal(
        hashFile(algorithm, file).toBase16(),
        expected(algorithm, data),
        `${algorithm} of ${length}`,
      );
  }
  assert.throws(() => hashFile("sha256", join(directory, "none")), { code: "ENOENT" });
  assert.throws(() => hashFile("sha256", directory), { code: "EISDIR" });
});

test("open files: from an offset, or from where they stand", () => {
  const data = randomBytes(700_000);
  writeFileSync(file, data);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, Buffer.alloc(1000));
    assert.equal(hashDescriptor("sha256", descriptor, 0).toBase16(), expected("sha256", data));
    assert.equal(hashDescriptor("sha256", descriptor, 5).toBase16(), expected("sha256", data.subarray(5)));
    assert.equal(
      hashDescriptor("sha256", descriptor, null).toBase16(),
      expected("sha256", data.subarray(1000)),
    );
  } finally {
    closeSync(descriptor);
  }
});
