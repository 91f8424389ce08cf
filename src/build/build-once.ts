/** A process of its own that builds one derivation, for tests that kill it: `node build-once.ts ROOT DRV`. */
import { fetchSettings } from "../fetch/settings.ts";
import { parseStorePath } from "../format/store-path.ts";
import { layoutBelow } from "../store/layout.ts";
import { LocalStore } from "../store/local-store.ts";
import { testSystem } from "./build-fixture.ts";
import { exitStatus } from "./result.ts";
import { buildPaths } from "./scheduler.ts";

const [root, drv] = process.argv.slice(2) as [string, string];
const store = new LocalStore(layoutBelow(root));
const results = await buildPaths([{ path: parseStorePath(drv, store.storeDir) }], {
  store,
  layout: store.layout,
  system: testSystem,
  extraPlatforms: [],
  systemFeatures: [],
  sandbox: true,
  sandboxHelper: async () => ["/usr/bin/bwrap"],
  sandboxShell: undefined,
  cores: 1,
  timeout: 0,
  maxSilentTime: 0,
  maxLogSize: 0,
  logLines: 25,
  keepFailed: false,
  buildRoot: undefined,
  environment: {},
  fetch: fetchSettings(),
  sink: (event) => {
    if (event.kind === "build-log") process.stdout.write(`${event.line}\n`);
  },
  signal: undefined,
  maxJobs: 1,
  maxDownloads: 1,
  keepGoing: false,
  mode: "normal",
  substituters: [],
});
process.exitCode = exitStatus(results);
