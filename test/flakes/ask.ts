/** Asks a program (bruma, or a real Nix) what a case gives, and makes answers comparable. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Case } from "./case.ts";
import type { CommandCase } from "./command-cases.ts";
import { Place } from "./place.ts";

export interface Answer {
  /** JSON, or `error: ` and the first line of the message. */
  readonly answer: string;
  /** First lines of warnings, in order. */
  readonly warnings: readonly string[];
}

export type Program =
  | { readonly kind: "bruma"; readonly command: string }
  /** The command and its first arguments. */
  | { readonly kind: "nix"; readonly command: readonly string[] };

/** What expressions may use: see cases.ts. */
const prelude = `let
  F = builtins.getFlake;
  G = f: {
    inherit (f) sourceInfo outPath _type;
    names = builtins.attrNames f;
    outputs = builtins.attrNames f.outputs;
    inputs = builtins.attrNames f.inputs;
  };
  # JSON has of a set with outPath nothing else.
  whole = value:
    if builtins.isAttrs value then
      builtins.mapAttrs (_: whole)
        (if value ? outPath then removeAttrs value [ "outPath" ] // { "the path" = value.outPath; } else value)
    else if builtins.isList value then map whole value
    else value;
in whole (`;

export interface WrittenCase {
  readonly place: Place;
  /** The directory that has the place, and stores and caches beside it. */
  readonly room: string;
  /** Ends the server and removes everything. */
  close(): void;
}

export function writeCase(one: Pick<Case, "write" | "serve">, parent = tmpdir()): WrittenCase {
  const room = fs.realpathSync(fs.mkdtempSync(join(parent, "flake-case-")));
  const directory = join(room, "files");
  fs.mkdirSync(directory);
  const server = one.serve === true ? startServer(directory, join(room, "port")) : undefined;
  const close = () => {
    server?.child.kill();
    fs.rmSync(room, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const place = new Place(directory, server?.url);
    one.write(place);
    place.settle();
    return { place, room, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** In a process of its own: this one waits for the programs it asks. */
function startServer(directory: string, portFile: string): { child: ChildProcess; url: string } {
  const output = fs.openSync(portFile, "w");
  const child = spawn(process.execPath, [join(import.meta.dirname, "server.ts"), directory], {
    stdio: ["ignore", output, "inherit"],
  });
  fs.closeSync(output);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; tries < 500; tries++) {
    const port = fs.readFileSync(portFile, "utf8").trim();
    if (port !== "") return { child, url: `http://127.0.0.1:${port}` };
    Atomics.wait(pause, 0, 0, 20);
  }
  child.kill();
  throw new Error("the server does not start");
}

type At = (name: string) => string;

function environmentFor(program: Program, at: At): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: at("home"),
    TZ: "UTC",
    XDG_CACHE_HOME: at(`cache-${program.kind}`),
    XDG_CONFIG_HOME: at("config"),
    NIX_CONF_DIR: at("conf"),
    NO_COLOR: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    // Submodules of these cases are directories.
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "protocol.file.allow",
    GIT_CONFIG_VALUE_0: "always",
    ...(program.kind === "bruma"
      ? { BRUMA_STORE_ROOT: at("bruma") }
      : { NIX_CONFIG: "substituters =\nbuild-users-group =\nsandbox = false" }),
  };
}

function nixFlags(at: At): string[] {
  return ["--extra-experimental-features", "nix-command flakes", "--store", at("nix")];
}

export interface CommandAnswer {
  readonly step: string;
  readonly status: number | null;
  readonly output: string;
  /** Without progress and colours. */
  readonly messages: string;
  /** The lock file afterwards, "" if there is none. */
  readonly lock: string;
}

/** Runs the steps one after another in `a`. @param program for bruma, its `nix` */
export function askCommands(program: Program, one: CommandCase, place: Place, room: string): CommandAnswer[] {
  const at: At = (name) => join(room, name);
  const env = environmentFor(program, at);
  const store = join(room, "nix");
  const clean = (text: string) =>
    text
      .replace(/\x1b\[[0-9;]*m/g, "")
      .replace(/^evaluating '.*\n/gm, "")
      .replaceAll(`${store}/nix/store/`, "/nix/store/");
  return one.steps.map((step) => {
    const words = ["--option", "flake-registry", "", ...step.map((word) => place.fill(word))];
    const [command, ...args] =
      program.kind === "bruma"
        ? [program.command, ...words]
        : [...program.command, ...nixFlags(at), ...words];
    const result = spawnSync(command!, args, {
      encoding: "utf8",
      env,
      cwd: place.path("a"),
      timeout: 120_000,
    });
    const lock = place.path("a/flake.lock");
    const answer = {
      step: step.join(" "),
      status: result.status,
      output: clean(result.stdout),
      messages: clean(result.stderr),
      lock: fs.existsSync(lock) ? fs.readFileSync(lock, "utf8") : "",
    };
    place.settle();
    return answer;
  });
}

/** All answers with the same numbers for the same hashes. */
export function normaliseCommands(answers: readonly CommandAnswer[], directory: string): CommandAnswer[] {
  // What a flake's fingerprint is made of names the directory, if the flake does.
  const plain = answers.map((each) =>
    each.step.includes("@/a")
      ? { ...each, output: each.output.replace(/\b[0-9a-f]{64}\b/, "«fingerprint»") }
      : each,
  );
  const { answer } = normalise({ answer: JSON.stringify(plain), warnings: [] }, directory);
  return JSON.parse(answer) as CommandAnswer[];
}

/** @param insideOf the root directory as the program sees files, if it is not this machine's */
export function ask(program: Program, one: Case, place: Place, room: string, insideOf = ""): Answer {
  const seen = place.directory.slice(insideOf.length);
  const fill = (text: string) => text.replaceAll("@", seen).replaceAll("$URL", place.url);
  const expression = typeof one.expression === "string" ? one.expression : one.expression(place);
  const settings = { "flake-registry": "", ...one.settings };
  const options = Object.entries(settings).flatMap(([name, value]) => ["--option", name, fill(value)]);
  const at = (name: string) => join(room.slice(insideOf.length), name);
  const environment = environmentFor(program, at);
  const text = `${prelude}${fill(expression)})`;
  const [command, ...args] =
    program.kind === "bruma"
      ? [program.command, "eval", "--json", ...(one.pure ? ["--pure-eval"] : []), ...options, "-E", text]
      : [
          ...program.command,
          ...nixFlags(at),
          ...["eval", "--json"],
          ...(one.pure ? [] : ["--impure"]),
          ...options,
          ...["--expr", text],
        ];
  const result = spawnSync(command!, args, { encoding: "utf8", env: environment, timeout: 120_000 });
  const lines = result.stderr.split("\n");
  const warnings = lines.filter((line) => line.startsWith("warning: "));
  if (result.status === 0) return { answer: result.stdout.trim(), warnings };
  const errors = lines.filter((line) => /^ *error: /.test(line));
  return { answer: errors.at(-1)?.trim() ?? "no answer", warnings };
}

/** Without what depends on where the case was written: its directory, and hashes and commits of texts that name it. */
export function normalise({ answer, warnings }: Answer, directory: string): Answer {
  // Nix tells where a store path really is.
  const store = join(dirname(directory), "nix");
  const numbers = new Map<string, string>();
  const numbered = (kind: string, text: string): string => {
    if (/^(sha256-)?[A0]+=?$/.test(text)) return text;
    const key = `${kind} ${text}`;
    let shown = numbers.get(key);
    if (shown === undefined) {
      shown = `«${kind} ${[...numbers.keys()].filter((each) => each.startsWith(kind)).length + 1}»`;
      numbers.set(key, shown);
    }
    return shown;
  };
  const clean = (text: string): string =>
    text
      .replaceAll(directory, "@")
      .replace(/http:\/\/127\.0\.0\.1:\d+/g, "$$URL")
      .replaceAll(`${store}/nix/store/`, "/nix/store/")
      .replace(/\/nix\/store\/([0-9a-z]{32})-/g, (_, hash: string) => `${numbered("path", hash)}-`)
      .replace(/sha256-(?:[A-Za-z0-9+/]|%2B|%2F){43}(?:=|%3D)/g, (hash) =>
        numbered("hash", decodeURIComponent(hash)),
      )
      .replace(/\b[0-9a-f]{40}\b/g, (rev) => numbered("commit", rev.slice(0, 7)))
      .replace(
        /"([0-9a-f]{7})(-dirty)?"/g,
        (_, rev: string, dirty = "") => `"${numbered("commit", rev)}${dirty}"`,
      );
  return { answer: clean(answer), warnings: warnings.map(clean) };
}
