/**
 * The system call filter of a builder, as the bytes of a classic BPF program for `bwrap --seccomp FD`.
 *
 * It is assembled here, not with libseccomp, so that nothing must be installed. It refuses:
 * - set-user-ID and set-group-ID bits, in chmod and its kin, and when a file is made (open, creat, mknod):
 *   while a build runs, its files lie on the host;
 * - extended attributes and ACLs, with ENOTSUP, because a NAR cannot hold them;
 * - keyrings, io_uring, bpf, userfaultfd and perf events: wide kernel interfaces no build needs; and `openat2`,
 *   whose mode lies in memory where no filter sees it. They fail with ENOSYS, so that programs fall back;
 * - putting characters into a terminal's input (TIOCSTI, TIOCLINUX), CVE-2017-5226;
 * - Unix sockets, when the build shares the host's network: abstract ones would reach the host's programs, and
 *   let two builds pass descriptors to each other (CVE-2024-27297, CVE-2025-46416). Socket pairs stay.
 * System calls of another architecture, the x32 ones among them, kill the process: their numbers mean other things.
 *
 * Nix refuses the first two only (`filter-syscalls`), and lets 32-bit programs run in any build.
 */
import { BrumaError } from "../format/error.ts";

/** Machines for which the numbers below are known, with Node's names for them. */
export type FilterMachine = "x64" | "arm64";

export interface FilterOptions {
  /** The build shares the host's network namespace. */
  readonly network: boolean;
  /** Allow 32-bit x86 programs, filtered likewise, on x64: for derivations of the system i686-linux. */
  readonly ia32?: boolean | undefined;
}

interface Numbers {
  readonly audit: number;
  /** Number → index of the argument that holds the mode. */
  readonly modeArgument: readonly (readonly [call: number, argument: number])[];
  /** Number → indexes of flags and mode: the mode counts only if a file is made. */
  readonly openLike: readonly (readonly [call: number, flags: number, mode: number])[];
  readonly notSupported: readonly number[];
  readonly missing: readonly number[];
  readonly ioctl: number;
  readonly socket: number;
  /** Where sockets are also made by a call whose arguments lie in memory. */
  readonly socketcall?: number;
}

/** The same on every architecture since 2011. */
const sharedMissing = [425, 426, 427 /* io_uring_* */, 437 /* openat2 */];
const sharedNotSupported = [463, 464, 465, 466 /* setxattrat … removexattrat */];
const fchmodat2 = 452;

const machines: Record<FilterMachine | "ia32", Numbers> = {
  ia32: {
    audit: 0x40000003,
    modeArgument: [
      [15, 1], // chmod
      [94, 1], // fchmod
      [306, 2], // fchmodat
      [fchmodat2, 2],
      [8, 1], // creat
      [14, 1], // mknod
      [297, 2], // mknodat
    ],
    openLike: [
      [5, 1, 2], // open
      [295, 2, 3], // openat
    ],
    notSupported: [226, 227, 228, 229, 230, 231, 232, 233, 234, 235, 236, 237, ...sharedNotSupported],
    missing: [
      ...[286, 287, 288 /* keys */, 336 /* perf_event_open */, 357 /* bpf */, 374 /* userfaultfd */],
      ...sharedMissing,
    ],
    ioctl: 54,
    socket: 359,
    socketcall: 102,
  },
  x64: {
    audit: 0xc000003e,
    modeArgument: [
      [90, 1], // chmod
      [91, 1], // fchmod
      [268, 2], // fchmodat
      [fchmodat2, 2],
      [85, 1], // creat
      [133, 1], // mknod
      [259, 2], // mknodat
    ],
    openLike: [
      [2, 1, 2], // open
      [257, 2, 3], // openat
    ],
    notSupported: [188, 189, 190, 191, 192, 193, 194, 195, 196, 197, 198, 199, ...sharedNotSupported],
    missing: [
      248,
      249,
      250 /* keys */,
      298 /* perf_event_open */,
      321 /* bpf */,
      323 /* userfaultfd */,
      ...sharedMissing,
    ],
    ioctl: 16,
    socket: 41,
  },
  arm64: {
    audit: 0xc00000b7,
    modeArgument: [
      [52, 1], // fchmod
      [53, 2], // fchmodat
      [fchmodat2, 2],
      [33, 2], // mknodat
    ],
    openLike: [[56, 2, 3]], // openat
    notSupported: [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, ...sharedNotSupported],
    missing: [
      217,
      218,
      219 /* keys */,
      241 /* perf_event_open */,
      280 /* bpf */,
      282 /* userfaultfd */,
      ...sharedMissing,
    ],
    ioctl: 29,
    socket: 198,
  },
};

// Classic BPF, <linux/filter.h>; the returns of <linux/seccomp.h>.
const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfSet = 0x45;
const give = 0x06;
const allow = 0x7fff0000;
const killProcess = 0x80000000;
const fail = (errno: number) => 0x00050000 | errno;

const EPERM = 1;
const ENOSYS = 38;
const ENOTSUP = 95;
const EAFNOSUPPORT = 97;

const setIdBits = 0o6000;
/** O_CREAT | __O_TMPFILE. */
const makesFile = 0o100 | 0o20000000;
const x32Bit = 0x40000000;
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const AF_UNIX = 1;

class Assembler {
  readonly #instructions: [code: number, whenTrue: number, whenFalse: number, value: number][] = [];
  add(code: number, value: number, whenTrue = 0, whenFalse = 0): void {
    this.#instructions.push([code, whenTrue, whenFalse, value]);
  }
  loadNumber(): void {
    this.add(load, 0);
  }
  loadArchitecture(): void {
    this.add(load, 4);
  }
  /** The low half of an argument: modes, flags and requests are 32 bits wide, whatever lies above. */
  loadArgument(index: number): void {
    this.add(load, 16 + 8 * index);
  }
  get length(): number {
    return this.#instructions.length;
  }
  append(other: Assembler): void {
    this.#instructions.push(...other.#instructions);
  }
  bytes(): Uint8Array {
    const view = new DataView(new ArrayBuffer(this.#instructions.length * 8));
    this.#instructions.forEach(([code, whenTrue, whenFalse, value], index) => {
      view.setUint16(index * 8, code, true);
      view.setUint8(index * 8 + 2, whenTrue);
      view.setUint8(index * 8 + 3, whenFalse);
      view.setUint32(index * 8 + 4, value >>> 0, true);
    });
    return new Uint8Array(view.buffer);
  }
}

/** The filter for one machine. @throws BrumaError for a machine whose numbers are not known here. */
export function seccompProgram(machine: string, options: FilterOptions): Uint8Array {
  if (machine !== "x64" && machine !== "arm64") {
    throw new BrumaError(`no system call filter is known for the machine '${machine}'`, {
      hint: "Builds run in a sandbox on x86_64 and aarch64 only.",
    });
  }
  const program = new Assembler();
  program.loadArchitecture();
  if (machine === "x64" && options.ia32 === true) {
    const other = new Assembler();
    addRules(other, machines.ia32, options);
    // A jump reaches 255 instructions: the length is kept below that by a test.
    program.add(jumpIfEqual, machines.ia32.audit, 0, other.length);
    program.append(other);
    program.loadArchitecture();
  }
  const numbers = machines[machine];
  program.add(jumpIfEqual, numbers.audit, 1, 0);
  program.add(give, killProcess);
  if (machine === "x64") {
    program.loadNumber();
    program.add(jumpIfSet, x32Bit, 0, 1);
    program.add(give, killProcess);
  }
  addRules(program, numbers, options);
  return program.bytes();
}

/** The rules for one architecture; they always return. */
function addRules(program: Assembler, numbers: Numbers, options: FilterOptions): void {
  program.loadNumber();
  // Every block below begins and leaves with the call's number loaded, or returns.
  for (const [call, argument] of numbers.modeArgument) {
    program.add(jumpIfEqual, call, 0, 4);
    program.loadArgument(argument);
    program.add(jumpIfSet, setIdBits, 0, 1);
    program.add(give, fail(EPERM));
    program.add(give, allow);
  }
  for (const [call, flags, mode] of numbers.openLike) {
    program.add(jumpIfEqual, call, 0, 6);
    program.loadArgument(flags);
    program.add(jumpIfSet, makesFile, 0, 3);
    program.loadArgument(mode);
    program.add(jumpIfSet, setIdBits, 0, 1);
    program.add(give, fail(EPERM));
    program.add(give, allow);
  }
  for (const call of numbers.notSupported) {
    program.add(jumpIfEqual, call, 0, 1);
    program.add(give, fail(ENOTSUP));
  }
  for (const call of numbers.missing) {
    program.add(jumpIfEqual, call, 0, 1);
    program.add(give, fail(ENOSYS));
  }
  program.add(jumpIfEqual, numbers.ioctl, 0, 5);
  program.loadArgument(1);
  program.add(jumpIfEqual, TIOCSTI, 1, 0);
  program.add(jumpIfEqual, TIOCLINUX, 0, 1);
  program.add(give, fail(EPERM));
  program.add(give, allow);
  if (options.network) {
    program.add(jumpIfEqual, numbers.socket, 0, 3);
    program.loadArgument(0);
    program.add(jumpIfEqual, AF_UNIX, 0, 1);
    program.add(give, fail(EAFNOSUPPORT));
    if (numbers.socketcall !== undefined) {
      program.loadNumber();
      program.add(jumpIfEqual, numbers.socketcall, 0, 1);
      program.add(give, fail(ENOSYS));
    }
  }
  program.add(give, allow);
}
