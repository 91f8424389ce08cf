/** This session's options as the scheduler takes them, with progress and interruption. */
import { availableParallelism } from "node:os";
import type { BuildOptions } from "../build/scheduler.ts";
import { fetchSettings } from "../fetch/settings.ts";
import { toBytes } from "../format/bytes.ts";
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

/** @param helper gives the words that start bubblewrap; asked when the first builder needs it */
export function builderOptions(
  session: Session,
  helper: () => Promise<readonly string[]>,
  check = false,
): BuildOptions {
  const { buildOptions: given } = session;
  return {
    store: session.store,
    layout: session.layout,
    system: toBytes(currentSystem()),
    extraPlatforms: currentSystem() === "x86_64-linux" ? ["i686-linux"] : [],
    systemFeatures: ["nixos-test", "benchmark", "big-parallel", "uid-range"],
    sandbox: given.sandbox,
    sandboxHelper: helper,
    sandboxShell: undefined,
    cores: given.cores ?? 0,
    timeout: given.timeout ?? 0,
    maxSilentTime: given.maxSilentTime ?? 0,
    maxLogSize: 0,
    logLines: 25,
    keepFailed: given.keepFailed,
    buildRoot: undefined,
    environment: process.env,
    fetch: fetchSettings({ mirrors: session.settings.mirrors }),
    sink: session.progress.sink,
    signal: watchForInterruption(),
    maxJobs: given.maxJobs ?? availableParallelism(),
    maxDownloads: 8,
    keepGoing: given.keepGoing,
    mode: check ? "check" : "normal",
    substituters: substituters(session),
  };
}
