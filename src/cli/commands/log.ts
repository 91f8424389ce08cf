/** `bruma log`: the log of a build, found by derivation, output path, or a link such as ./result. */
import { buildLog } from "../build-logs.ts";
import { UsageError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { openSession } from "../compose.ts";
import { writeOutput } from "../output.ts";
import { followLinks } from "../store-paths.ts";

export const logCommand: Command = {
  line: {
    name: "bruma log",
    usage: "PATH…",
    summary: "Shows the log of a build.",
    flags: [],
    examples: [["bruma log ./result", "how the package behind the link was built"]],
  },
  async run(given) {
    if (given.positional.length === 0)
      throw new UsageError("whose log? Give a derivation, an output path or a link");
    const session = await openSession(given);
    try {
      for (const text of given.positional) writeOutput(buildLog(session, followLinks(session, text)));
      return 0;
    } finally {
      session.close();
    }
  },
};
