/** `bruma __fetch`: downloads what a waiting evaluation asks for (`fetchTarball`, `fetchTree` …); job and answer are JSON. */
import { readFileSync } from "node:fs";
import { fetchInput } from "../../fetch/fetch-input.ts";
import { fetchSettings } from "../../fetch/settings.ts";
import type { FetchRequest } from "../../language/world.ts";
import type { Command } from "../command.ts";
import { Session } from "../compose.ts";
import { answerJob } from "../job.ts";
import { type WireFetch, type WireFetchResult, wireValue } from "../wire.ts";

function decode(wire: WireFetch["request"]): FetchRequest {
  if (!("attributes" in wire)) return wire;
  return {
    kind: wire.kind,
    attributes: new Map(wire.attributes.map(([name, value]) => [name, wireValue.decode(value)])),
    ...(wire.lock === true ? { lock: true } : {}),
  };
}

export const fetchCommand: Command = {
  line: { name: "bruma __fetch", usage: "", summary: "Internal.", flags: [] },
  run(given) {
    return answerJob(async (): Promise<WireFetchResult> => {
      const job = JSON.parse(readFileSync(0, "utf8")) as WireFetch;
      const session = await Session.forJob(given, job.options);
      try {
        const result = await fetchInput(decode(job.request), {
          store: session.store,
          settings: fetchSettings({
            mirrors: session.settings.mirrors,
            ...job.options.fetching,
            ...(job.options.offline ? { offline: true } : {}),
            ...(job.options.refresh ? { ttl: 0 } : {}),
          }),
          sink: session.progress.sink,
          physical: (path) => session.layout.physical(path),
        });
        return {
          path: result.path,
          info: [...result.info].map(([name, value]) => [name, wireValue.encode(value)] as const),
          locked:
            result.locked &&
            [...result.locked].map(([name, value]) => [name, wireValue.encode(value)] as const),
        };
      } finally {
        session.close();
      }
    });
  },
};
