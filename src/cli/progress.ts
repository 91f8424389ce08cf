/**
 * Draws what is fetched and built, on standard error: a live list on a terminal, plain lines in a log.
 *
 * On a terminal the list stands below everything that was printed and is redrawn at most ten times a second; what is
 * done leaves one line behind only if it took long enough to be worth reading. Off a terminal every start and end
 * gets a line, and nothing is ever overwritten. Times and sizes are rounded for people.
 */
import type { ProgressEvent } from "../fetch/events.ts";

export interface ProgressTarget {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

export interface ProgressOptions {
  readonly target: ProgressTarget;
  readonly colour: boolean;
  /** Lines of builders are printed as they come (`nix-build`, `-L`); otherwise only a phase is shown. */
  readonly showLogs: boolean;
  readonly quiet: boolean;
  /** Milliseconds, for tests. */
  readonly now?: () => number;
}

interface Fetch {
  readonly name: string;
  readonly started: number;
  bytesDone: number;
  bytesTotal: number | undefined;
}

interface Build {
  readonly name: string;
  readonly started: number;
  /** When a line last told of it, in a log. */
  told: number;
  phase: string | undefined;
}

/** 1536 → "1.5 kB", in powers of 1000 as download sizes are usually given. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = "B";
  for (const next of units) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 99.5 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** Milliseconds → "0.4 s", "12 s", "3 min 05 s". */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** Milliseconds; `performance.now()` would load a module that costs more than most evaluations. */
function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

export class Progress {
  readonly #options: ProgressOptions;
  readonly #now: () => number;
  readonly #fetches = new Map<number, Fetch>();
  readonly #builds = new Map<number, Build>();
  readonly #began: number;
  #plannedBuilds = 0;
  #plannedFetches = 0;
  #built = 0;
  #fetched = 0;
  #failed = 0;
  #bytes = 0;
  #drawnLines = 0;
  #lastDraw = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#now = options.now ?? monotonic;
    this.#began = this.#now();
  }

  readonly sink = (event: ProgressEvent): void => {
    switch (event.kind) {
      case "plan":
        this.#plannedBuilds += event.builds.length;
        this.#plannedFetches += event.downloads.length;
        this.#announce(event.builds, event.downloads);
        break;
      case "fetch-start":
        this.#fetches.set(event.id, {
          name: event.name,
          started: this.#now(),
          bytesDone: 0,
          bytesTotal: event.bytesTotal,
        });
        if (!this.#live) this.#line(`fetching ${event.name}${this.#size(event.bytesTotal)}`);
        break;
      case "fetch-progress": {
        const fetch = this.#fetches.get(event.id);
        if (fetch !== undefined) {
          fetch.bytesDone = event.bytesDone;
          fetch.bytesTotal = event.bytesTotal ?? fetch.bytesTotal;
        }
        break;
      }
      case "fetch-end": {
        const fetch = this.#fetches.get(event.id);
        if (fetch === undefined) break;
        this.#fetches.delete(event.id);
        if (event.ok) {
          this.#fetched++;
          this.#bytes += fetch.bytesDone;
          const took = this.#now() - fetch.started;
          if (took > 10_000) {
            this.#line(`fetched ${fetch.name} (${formatBytes(fetch.bytesDone)} in ${formatDuration(took)})`);
          }
        }
        break;
      }
      case "build-start":
        this.#builds.set(event.id, {
          name: event.name,
          started: this.#now(),
          told: this.#now(),
          phase: undefined,
        });
        if (!this.#live) this.#timer ??= setInterval(() => this.tellOfLongBuilds(), 1000).unref();
        if (!this.#live || this.#options.showLogs) this.#line(`building ${event.name}`);
        break;
      case "build-phase": {
        const build = this.#builds.get(event.id);
        if (build !== undefined) build.phase = event.phase;
        break;
      }
      case "build-log":
        if (this.#options.showLogs) {
          const name = this.#builds.get(event.id)?.name;
          const mark = name === undefined || this.#builds.size < 2 ? "" : this.#paint(34, `${name}> `);
          this.#line(`${mark}${event.line}`);
        }
        break;
      case "build-end": {
        const build = this.#builds.get(event.id);
        this.#builds.delete(event.id);
        if (event.ok) this.#built++;
        else this.#failed++;
        const name = build?.name ?? "?";
        if (!event.ok)
          this.#line(`${this.#paint(31, "failed")} ${name} (after ${formatDuration(event.seconds * 1000)})`);
        else if (!this.#live || event.seconds > 5) {
          this.#line(`${this.#paint(32, "built")} ${name} (${formatDuration(event.seconds * 1000)})`);
        }
        break;
      }
      case "notice":
        this.#line(event.text);
        break;
    }
    if (this.#live) this.#schedule();
  };

  /** In a log, a build that takes long gets a line each half minute: silence looks like death there. */
  tellOfLongBuilds(): void {
    const now = this.#now();
    for (const build of this.#builds.values()) {
      if (now - build.told < 30_000) continue;
      build.told = now;
      const phase = build.phase === undefined ? "" : `, ${build.phase}`;
      this.#line(`still building ${build.name} (${formatDuration(now - build.started)}${phase})`);
    }
  }

  /** A message of anybody's, kept clear of the live list. */
  print(text: string): void {
    this.#erase();
    this.#options.target.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  /** Takes the live list away, for somebody to write. */
  clear(): void {
    this.#erase();
  }

  /** Takes the live list away and says in one line what was done, if anything was. */
  finish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#erase();
    this.#fetches.clear();
    this.#builds.clear();
    const parts: string[] = [];
    if (this.#built > 0) parts.push(`built ${this.#built}`);
    if (this.#failed > 0) parts.push(`${this.#failed} failed`);
    if (this.#fetched > 0) parts.push(`fetched ${this.#fetched} (${formatBytes(this.#bytes)})`);
    if (parts.length > 0 && !this.#options.quiet) {
      this.#options.target.write(`${parts.join(", ")} in ${formatDuration(this.#now() - this.#began)}\n`);
    }
    this.#built = 0;
    this.#failed = 0;
    this.#fetched = 0;
  }

  get #live(): boolean {
    return this.#options.target.isTTY && !this.#options.quiet;
  }

  #size(bytes: number | undefined): string {
    return bytes === undefined ? "" : ` (${formatBytes(bytes)})`;
  }

  #paint(code: number, text: string): string {
    return this.#options.colour ? `\x1b[${code}m${text}\x1b[0m` : text;
  }

  #line(text: string): void {
    if (!this.#options.quiet) this.print(text);
  }

  #announce(builds: readonly string[], downloads: readonly string[]): void {
    if (builds.length === 0 && downloads.length === 0) return;
    const list = (names: readonly string[]) =>
      names.length <= 6 ? names.join(", ") : `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`;
    if (downloads.length > 0) this.#line(`to fetch: ${list(downloads)}`);
    if (builds.length > 0) this.#line(`to build: ${list(builds)}`);
  }

  #schedule(): void {
    const wait = 100 - (this.#now() - this.#lastDraw);
    if (wait <= 0) this.#draw();
    this.#timer ??= setInterval(() => this.#draw(), 100).unref();
  }

  #erase(): void {
    if (this.#drawnLines === 0) return;
    this.#options.target.write(`\x1b[${this.#drawnLines}A\x1b[J`);
    this.#drawnLines = 0;
  }

  #draw(): void {
    const now = this.#now();
    this.#lastDraw = now;
    const width = Math.max(20, this.#options.target.columns) - 1;
    const room = Math.max(3, Math.min(12, this.#options.target.rows - 3));
    const rows: string[] = [];
    for (const build of this.#builds.values()) {
      const right = `${build.phase === undefined ? "" : `${build.phase}  `}${formatDuration(now - build.started)}`;
      rows.push(this.#row(35, "build", build.name, right, width));
    }
    for (const fetch of this.#fetches.values()) {
      const seconds = (now - fetch.started) / 1000;
      const rate =
        seconds > 0.5 && fetch.bytesDone > 0
          ? `  ${formatBytes(Math.round(fetch.bytesDone / seconds))}/s`
          : "";
      const total = fetch.bytesTotal === undefined ? "" : ` of ${formatBytes(fetch.bytesTotal)}`;
      const bytes = fetch.bytesDone === 0 ? "…" : formatBytes(fetch.bytesDone);
      rows.push(this.#row(36, "fetch", fetch.name, `${bytes}${total}${rate}`, width));
    }
    const hidden = rows.length - room;
    if (hidden > 0) rows.splice(room, rows.length, `  … and ${hidden} more`);
    const counts: string[] = [];
    if (this.#plannedBuilds > 0) counts.push(`${this.#built} of ${this.#plannedBuilds} built`);
    if (this.#plannedFetches > 0 || this.#fetched > 0) {
      counts.push(`${this.#fetched}${this.#plannedFetches > 0 ? ` of ${this.#plannedFetches}` : ""} fetched`);
    }
    counts.push(formatDuration(now - this.#began));
    if (rows.length > 0) rows.push(this.#paint(2, `  ${counts.join(" · ")}`.slice(0, width)));
    const back = this.#drawnLines === 0 ? "" : `\x1b[${this.#drawnLines}A`;
    this.#options.target.write(`${back}${rows.map((row) => `\x1b[K${row}\n`).join("")}\x1b[J`);
    this.#drawnLines = rows.length;
  }

  #row(colour: number, verb: string, name: string, right: string, width: number): string {
    const room = width - right.length - 10;
    const shown = name.length > room ? `${name.slice(0, Math.max(1, room - 1))}…` : name;
    return `  ${this.#paint(colour, verb)} ${shown.padEnd(Math.max(0, room))} ${right}`;
  }
}
