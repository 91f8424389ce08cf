/** This session's options as the scheduler takes them, with progress and interruption. */
import { availableParallelism } from "node:os";
import type { BuildOptions } from "../build/scheduler.ts";
import { fetchSettings } from "../fetch/settings.ts";
import { type ByteString, toBytes } from "../format/bytes.ts";
import { currentSystem, type Session } from "./compose.ts";
import { substituters } from "./substituters.ts";

const interruption = new AbortController();
let watching = false;

/** Ctrl-C ends builds in an orderly way; a second one ends bruma. */
function watchForInterruption(): AbortSignal {
  if (!watching) {
    watching = true;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => interruption.abort(new Error(signal)));
    }
  }
  return interruption.signal;
}

/** What builders need besides their inputs; asked for when the first one runs. */
export interface SandboxSupply {
  /** The words that start bubblewrap. */
  readonly helper: () => Promise<readonly string[]>;
  /** Logical path of /bin/sh inside. */
  readonly shell: (() => Promise<ByteString | undefined>) | undefined;
}

export function builderOptions(
  session: Session,
  { helper, shell }: SandboxSupply,
  check = false,
): BuildOptions {
  const { buildOptions: given } = session;
  return {
    store: session.store,
    layout: session.layout,
    system: toBytes(currentSystem()),
    extraPlatforms: currentSystem() === "x86_64-linux" ? ["i686-linux"] : [],
    systemFeatures: ["nixos-test", "benchmark", "big-parallel"],
    sandbox: given.sandbox,
    sandboxHelper: helper,
    sandboxShell: shell,
    cores: given.cores ?? 0,
    timeout: given.timeout ?? 0,
    maxSilentTime: given.maxSilentTime ?? 0,
    maxLogSize: 0,
    logLines: 25,
    keepFailed: given.keepFailed,
    buildRoot: undefined,
    environment: process.env,
    fetch: fetchSettings({
      mirrors: session.settings.mirrors,
      ...(given.offline ? { offline: true } : {}),
    }),
    sink: session.progress.sink,
    signal: watchForInterruption(),
    maxJobs: given.maxJobs ?? availableParallelism(),
    maxDownloads: 8,
    keepGoing: given.keepGoing,
    mode: check ? "check" : "normal",
    substituters: substituters(session),
  };
}
