/**
 * Timing whole processes side by side: every peer runs the same work, in turn, round after round, so that a busy
 * machine slows all of them alike. Prints medians and ratios to the first row; writes nothing, asserts nothing.
 *
 * Peak memory is the kernel's own figure for the child (`getrusage` of waited-for children through GNU time is not
 * on every machine, so a small shell around `wait` is not used either: /proc/<pid>/status is read until it ends).
 * Looking costs a run time, more so one with several threads, so memory is taken in runs that are not timed.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Peer {
  readonly label: string;
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Sample {
  readonly milliseconds: number;
  /** 0 unless it was looked for. */
  readonly peakKilobytes: number;
}

/** Runs a command once, output thrown away. @throws Error when it fails: a benchmark of a failure says nothing. */
async function runOnce(peer: Peer, look = false): Promise<Sample> {
  const [program, ...args] = peer.command;
  const started = process.hrtime.bigint();
  const child = spawn(program!, args, {
    cwd: peer.cwd,
    env: { ...process.env, ...peer.env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors = (errors + chunk).slice(-2000);
  });
  let peakKilobytes = 0;
  const see = () => {
    try {
      const found = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "latin1"));
      if (found) peakKilobytes = Math.max(peakKilobytes, Number(found[1]));
    } catch {
      // it has ended
    }
  };
  const watch = look ? setInterval(see, 1) : undefined;
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearInterval(watch);
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  if (code !== 0) throw new Error(`${peer.label}: ${peer.command.join(" ")} ended with ${code}\n${errors}`);
  return { milliseconds, peakKilobytes };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const warmUps = 3;

/**
 * Runs each peer three times to warm what it keeps (the page cache, parsed files, compiled code, which bruma settles on
 * in its third run), then `rounds` times in turn; prints one row a peer.
 * A peer that fails is shown with its message's first line, and the others go on.
 */
export async function compare(title: string, peers: readonly Peer[], rounds = 7): Promise<void> {
  console.log(`\n${title} (median of ${rounds} rounds, whole process)`);
  const samples = new Map<Peer, number[]>();
  for (const peer of peers) {
    try {
      for (let warm = 0; warm < warmUps; warm++) await runOnce(peer);
      samples.set(peer, []);
    } catch (error) {
      console.log(`  ${peer.label.padEnd(24)} failed: ${String((error as Error).message).slice(0, 400)}`);
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const [peer, found] of samples) found.push((await runOnce(peer)).milliseconds);
  }
  const peaks = new Map<Peer, number>();
  for (const peer of samples.keys()) {
    const looked = [];
    for (let round = 0; round < 3; round++) looked.push((await runOnce(peer, true)).peakKilobytes);
    peaks.set(peer, Math.max(...looked));
  }
  let base: { time: number; memory: number } | undefined;
  for (const [peer, times] of samples) {
    const row = { time: median(times), memory: peaks.get(peer)! };
    base ??= row;
    // Of a pipeline only the shell's own memory was seen.
    const memory =
      peer.command[0] === "sh"
        ? ""
        : `  ${(row.memory / 1024).toFixed(0).padStart(5)} MB, × ${(row.memory / base.memory).toFixed(2)}`;
    console.log(
      `  ${peer.label.padEnd(24)} ${row.time.toFixed(1).padStart(9)} ms  ` +
        `(${Math.min(...times).toFixed(1)}–${Math.max(...times).toFixed(1)})  ` +
        `× ${(row.time / base.time).toFixed(2)} of the first row${memory}`,
    );
  }
}
