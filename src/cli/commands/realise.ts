/** `bruma __realise`: builds what a waiting evaluation needs (import from derivation); job and answer are JSON. */
import { readFileSync } from "node:fs";
import { buildPaths, wantedOutputs } from "../../build/scheduler.ts";
import { parseStorePath } from "../../format/store-path.ts";
import { builderOptions } from "../builder-options.ts";
import type { Command } from "../command.ts";
import { Session } from "../compose.ts";
import { answerJob } from "../job.ts";
import { sandboxSupply } from "../sandbox-helper.ts";
import { readDerivation } from "../store-paths.ts";
import type { WireRealise, WireRealiseResult } from "../wire.ts";

export const realiseCommand: Command = {
  line: { name: "bruma __realise", usage: "", summary: "Internal.", flags: [] },
  run(given) {
    return answerJob(async (): Promise<WireRealiseResult> => {
      const job = JSON.parse(readFileSync(0, "utf8")) as WireRealise;
      const session = await Session.forJob(given, job.options);
      try {
        const { storeDir } = session.layout;
        const targets = job.requests.map((request) => ({
          path: parseStorePath(request.drvPath, storeDir),
          outputs: request.outputs,
        }));
        const results = await buildPaths(targets, builderOptions(session, sandboxSupply(session)));
        for (const result of results) if (result.error !== undefined) throw result.error;
        const outputs = targets.map((target) =>
          Object.fromEntries(
            wantedOutputs(target.path, readDerivation(session, target.path), target.outputs),
          ),
        );
        return { outputs };
      } finally {
        session.close();
      }
    });
  },
};
