/**
 * What the launcher tells this process alone: programs that bruma starts must not see it, bruma's own children must.
 */

let compileCache: string | undefined;

/** Takes the folder of compiled code out of the environment: see tools/start.cjs. */
export function takeOwnVariables(): void {
  compileCache = process.env.BRUMA_COMPILE_CACHE;
  delete process.env.BRUMA_COMPILE_CACHE;
}

/** The environment for another bruma, started as `ownCommand` says. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  return compileCache === undefined ? process.env : { ...process.env, BRUMA_COMPILE_CACHE: compileCache };
}

/** Keeps the compiled code of this run, as the end of the process would: for a process that becomes another program. */
export function keepCompiledCode(): void {
  const keep = (globalThis as Record<symbol, unknown>)[Symbol.for("bruma.keepCode")];
  if (typeof keep === "function") keep();
}

/** Program and first words that start bruma again, with the same Node and the same flags. */
export function ownCommand(): [program: string, words: string[]] {
  return [process.execPath, [...process.execArgv, process.argv[1]!, "bruma"]];
}

/** Was the program started under one of Nix's names? */
export function startedAsNix(): boolean {
  return /^nix/.test(process.argv[2] ?? "");
}
