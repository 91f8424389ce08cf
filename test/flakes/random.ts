/**
 * Locks random graphs of flakes with bruma and with a real Nix, changes them, locks and updates again, and compares lock
 * files, messages and status after each step:
 *
 *     node test/flakes/random.ts [--nix "nix"] [ROUNDS [SEED]]
 *
 * Graphs have overrides, follows (some of which lead nowhere), inputs that are no flakes, and inputs with lock files of
 * their own. A difference is printed with the seed that makes it again.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export interface Program {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface Difference {
  readonly seed: number;
  readonly step: string;
  readonly nix: string;
  readonly bruma: string;
}

/** Small, quick, the same everywhere (mulberry32). */
class Chance {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  number(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  below(limit: number): number {
    return Math.floor(this.number() * limit);
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
  happens(probability: number): boolean {
    return this.number() < probability;
  }
}

const names = ["p", "q", "s"];

/** A flake that may use those after it. */
function flake(chance: Chance, count: number, index: number, root: string, version: number): string {
  const used: string[] = [];
  const inputs: string[] = [];
  const target = () => `path:${root}/f${index + 1 + chance.below(count - index - 1)}`;
  for (let wanted = index + 1 < count ? 1 + chance.below(3) : 0; wanted > 0; wanted--) {
    const name = chance.pick(names);
    if (used.includes(name)) continue;
    const parts: string[] = [];
    if (used.length > 0 && chance.happens(0.2))
      parts.push(`follows = "${chance.pick([...used, `${used[0]}/${chance.pick(names)}`])}";`);
    else {
      parts.push(`url = "${target()}";`);
      if (chance.happens(0.12)) parts.push("flake = false;");
    }
    used.push(name);
    const overridden = new Set<string>();
    for (let more = chance.happens(0.7) ? chance.below(3) : 0; more > 0; more--) {
      const path = `inputs.${chance.pick(names)}${chance.happens(0.3) ? `.inputs.${chance.pick(names)}` : ""}`;
      if ([...overridden].some((each) => each === path)) continue;
      overridden.add(path);
      parts.push(
        chance.happens(0.5)
          ? `${path}.follows = "${chance.pick([...used, "", `${used[0]}/${chance.pick(names)}`])}";`
          : `${path}.url = "${target()}";`,
      );
    }
    inputs.push(`inputs.${name} = { ${parts.join(" ")} };`);
  }
  return `{ ${inputs.join(" ")} outputs = _: { version = ${version}; }; }\n`;
}

/** One graph and what is done with it. @param room a directory of its own */
export function compareRound(seed: number, room: string, nix: Program, bruma: Program): Difference[] {
  const chance = new Chance(seed);
  const root = join(room, "flakes");
  const count = 3 + chance.below(5);
  const time = 1_600_000_000;
  const texts: string[] = [];
  const write = (index: number): void => {
    const directory = join(root, `f${index}`);
    fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(join(directory, "flake.nix"), texts[index]!);
    for (const name of fs.readdirSync(directory)) fs.utimesSync(join(directory, name), time, time);
    fs.utimesSync(directory, time, time);
  };
  fs.rmSync(root, { recursive: true, force: true });
  for (let i = 0; i < count; i++) {
    texts.push(flake(chance, count, i, root, 0));
    write(i);
  }
  const run = ({ command, environment }: Program, words: readonly string[]) => {
    const [program, ...args] = [...command, ...words];
    const result = spawnSync(program!, args, { encoding: "utf8", env: { ...process.env, ...environment } });
    const lines = result.stderr.split("\n").map((line) => line.trim());
    const messages = lines.filter((line) => /^(error: .|warning: |•)/.test(line));
    return { status: result.status, messages };
  };
  for (let i = count - 1; i > 0; i--)
    if (chance.happens(0.4)) {
      run(nix, ["flake", "lock", `path:${root}/f${i}`]);
      write(i);
    }
  const top = `path:${root}/f0`;
  const lockFile = join(root, "f0", "flake.lock");
  const differences: Difference[] = [];
  let lock: string | undefined;
  for (let step = 0; step < 4; step++) {
    let words = ["flake", "lock", top];
    if (step > 0) {
      const kind = chance.number();
      if (kind < 0.5) {
        const changed = chance.below(count);
        texts[changed] = flake(chance, count, changed, root, step);
        write(changed);
      } else if (kind < 0.75)
        words = ["flake", "update", "--flake", top, ...chance.pick([["p"], ["q"], ["p/q"], ["s/p", "q"]])];
      else
        words.push(
          "--override-input",
          chance.pick(["p", "q", "p/q"]),
          `path:${root}/f${1 + chance.below(count - 1)}`,
        );
    }
    const [byNix, byBruma] = [nix, bruma].map((program) => {
      fs.rmSync(lockFile, { force: true });
      if (lock !== undefined) fs.writeFileSync(lockFile, lock);
      write(0);
      const answer = run(program, words);
      return { ...answer, lock: fs.existsSync(lockFile) ? fs.readFileSync(lockFile, "utf8") : undefined };
    });
    const [a, b] = [JSON.stringify(byNix, undefined, 1), JSON.stringify(byBruma, undefined, 1)];
    if (a !== b) differences.push({ seed, step: words.join(" "), nix: a, bruma: b });
    if (byNix!.status !== 0) break;
    lock = byNix!.lock;
  }
  return differences;
}

/** Runs in temporary directories. @param nix the command and its first arguments */
export function compare(nix: readonly string[], rounds: number, seed: number): Difference[] {
  const room = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "random-flakes-")));
  const settings = ["--option", "flake-registry", ""];
  const shared = { HOME: join(room, "home"), XDG_CONFIG_HOME: join(room, "config"), NO_COLOR: "1" };
  const real: Program = {
    command: [
      ...nix,
      "--extra-experimental-features",
      "nix-command flakes",
      ...settings,
      "--store",
      join(room, "nix"),
    ],
    environment: {
      ...shared,
      XDG_CACHE_HOME: join(room, "cache-nix"),
      NIX_CONF_DIR: join(room, "conf"),
      NIX_CONFIG: "substituters =\nbuild-users-group =\nsandbox = false",
    },
  };
  const ours: Program = {
    command: [join(import.meta.dirname, "../../compat/bin/nix"), ...settings],
    environment: { ...shared, XDG_CACHE_HOME: join(room, "cache"), BRUMA_STORE_ROOT: join(room, "bruma") },
  };
  try {
    const found: Difference[] = [];
    for (let i = 0; i < rounds; i++) found.push(...compareRound(seed + i, room, real, ours));
    return found;
  } finally {
    fs.rmSync(room, { recursive: true, force: true, maxRetries: 5 });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const given = process.argv.slice(2);
  const at = given.indexOf("--nix");
  const nix = at < 0 ? ["nix"] : given.splice(at, 2)[1]!.split(" ");
  const [rounds = "20", seed = String(Date.now() % 1e9)] = given;
  const found = compare(nix, Number(rounds), Number(seed));
  for (const { seed: from, step, nix: a, bruma: b } of found)
    console.log(`seed ${from}, ${step}\nnix: ${a}\nbruma: ${b}\n`);
  console.log(`${rounds} graphs from seed ${seed}: ${found.length} differences`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
