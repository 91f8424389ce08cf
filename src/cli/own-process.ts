/**
 * What the launcher tells this process alone: programs that bruma starts must not see it, bruma's own children must.
 */

let compileCache: string | undefined;

/** Takes Node's compile cache out of the environment, if the launcher and not the user put it there. */
export function takeOwnVariables(): void {
  if (process.env.BRUMA_COMPILE_CACHE === undefined) return;
  compileCache = process.env.NODE_COMPILE_CACHE;
  delete process.env.NODE_COMPILE_CACHE;
  delete process.env.BRUMA_COMPILE_CACHE;
}

/** The environment for another bruma, started as `ownCommand` says. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  if (compileCache === undefined) return process.env;
  return { ...process.env, NODE_COMPILE_CACHE: compileCache, BRUMA_COMPILE_CACHE: "1" };
}

/** Program and first words that start bruma again, with the same Node and the same flags. */
export function ownCommand(): [program: string, words: string[]] {
  return [process.execPath, [...process.execArgv, process.argv[1]!, "bruma"]];
}
