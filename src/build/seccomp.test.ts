/** The filter's verdicts, by running its program in a small BPF machine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seccompProgram } from "./seccomp.ts";

const x64 = 0xc000003e;
const arm64 = 0xc00000b7;

/** "allow", "kill" or an error number. */
function run(program: Uint8Array, call: number, architecture: number, args: number[] = []): string | number {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call, true);
  data.setUint32(4, architecture, true);
  args.forEach((argument, index) => {
    data.setBigUint64(16 + index * 8, BigInt(argument), true);
  });
  let accumulator = 0;
  for (let at = 0; ; at++) {
    assert.ok(at * 8 < program.length, "ran off the end");
    const code = view.getUint16(at * 8, true);
    const value = view.getUint32(at * 8 + 4, true);
    if (code === 0x20) accumulator = data.getUint32(value, true);
    else if (code === 0x15) at += view.getUint8(at * 8 + (accumulator === value ? 2 : 3));
    else if (code === 0x45) at += view.getUint8(at * 8 + ((accumulator & value) !== 0 ? 2 : 3));
    else if (code === 0x06) {
      if (value === 0x7fff0000) return "allow";
      if (value === 0x80000000) return "kill";
      assert.equal(value & 0xffff0000, 0x00050000);
      return value & 0xffff;
    } else assert.fail(`unknown instruction ${code}`);
  }
}

const offline = seccompProgram("x64", { network: false });
const online = seccompProgram("x64", { network: true });

test("setuid and setgid bits are refused, ordinary modes are not", () => {
  for (const mode of [0o4755, 0o2755, 0o6777]) {
    assert.equal(run(offline, 90, x64, [0, mode]), 1, "chmod");
    assert.equal(run(offline, 91, x64, [0, mode]), 1, "fchmod");
    assert.equal(run(offline, 268, x64, [0, 0, mode]), 1, "fchmodat");
    assert.equal(run(offline, 452, x64, [0, 0, mode]), 1, "fchmodat2");
    assert.equal(run(offline, 133, x64, [0, mode]), 1, "mknod");
    assert.equal(run(offline, 85, x64, [0, mode]), 1, "creat");
    assert.equal(run(offline, 257, x64, [0, 0, 0o101, mode]), 1, "openat that creates");
    assert.equal(run(offline, 2, x64, [0, 0o20200002, mode]), 1, "open, temporary file");
  }
  assert.equal(run(offline, 90, x64, [0, 0o1777]), "allow");
  // Without O_CREAT the fourth argument is whatever lay in the register.
  assert.equal(run(offline, 257, x64, [0, 0, 0o2, 0o6777]), "allow");
});

test("the upper half of a mode does not hide the bits", () => {
  assert.equal(run(offline, 91, x64, [0, 0x1_0000_0000 + 0o4755]), 1);
});

test("attributes are unsupported; keys, io_uring and openat2 do not exist", () => {
  for (const call of [188, 191, 194, 197, 463]) assert.equal(run(offline, call, x64), 95);
  for (const call of [248, 250, 425, 427, 437, 321]) assert.equal(run(offline, call, x64), 38);
});

test("foreign architectures and x32 kill", () => {
  assert.equal(run(offline, 0x40000001, x64), "kill");
  assert.equal(run(seccompProgram("arm64", { network: false }), 64, x64), "kill");
  assert.equal(run(seccompProgram("arm64", { network: false }), 64, arm64), "allow");
});

test("32-bit programs run only where they are meant to, under the same rules", () => {
  const ia32 = 0x40000003;
  for (const network of [false, true]) {
    const program = seccompProgram("x64", { network, ia32: true });
    assert.equal(run(program, 4, ia32), "allow");
    assert.equal(run(program, 15, ia32, [0, 0o4755]), 1);
    assert.equal(run(program, 226, ia32), 95);
    assert.equal(run(program, 102, ia32), network ? 38 : "allow");
    assert.equal(run(program, 90, x64, [0, 0o4755]), 1);
    assert.equal(run(program, 1, x64), "allow");
    assert.equal(run(program, 1, arm64), "kill");
  }
  assert.equal(run(offline, 4, ia32), "kill");
});

test("terminal input cannot be faked", () => {
  assert.equal(run(offline, 16, x64, [0, 0x5412]), 1);
  assert.equal(run(offline, 16, x64, [0, 0x541c]), 1);
  assert.equal(run(offline, 16, x64, [0, 0x5401]), "allow");
});

test("Unix sockets are missing only where the host's network is shared", () => {
  assert.equal(run(online, 41, x64, [1]), 97);
  assert.equal(run(online, 41, x64, [2]), "allow");
  assert.equal(run(online, 53, x64, [1]), "allow", "socketpair");
  assert.equal(run(offline, 41, x64, [1]), "allow");
});

test("aarch64 has its own numbers", () => {
  const program = seccompProgram("arm64", { network: false });
  assert.equal(run(program, 52, arm64, [0, 0o4755]), 1);
  assert.equal(run(program, 53, arm64, [0, 0, 0o2755]), 1);
  assert.equal(run(program, 56, arm64, [0, 0, 0o100, 0o4755]), 1);
  assert.equal(run(program, 5, arm64), 95);
});

test("an unknown machine is refused", () => {
  assert.throws(() => seccompProgram("riscv64", { network: false }), /riscv64/);
});
