/** What every command is: its command line as data, and a function that runs it. */
import type { Arguments, CommandLine } from "./arguments.ts";

export interface Command {
  readonly line: CommandLine;
  /**
   * Runs the command. @returns the exit status
   * @throws BrumaError for everything the user should read
   */
  run(given: Arguments, words: readonly string[]): Promise<number> | number;
  /** Words to parse instead of those given: a script's own lines. */
  readonly replaceWords?: (words: readonly string[]) => readonly string[];
}
