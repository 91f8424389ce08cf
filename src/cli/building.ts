/** Building what a command asked for: the scheduler with this session's options, progress and interruption. */
import { type BuildResult, exitStatus, failuresOf } from "../build/result.ts";
import { buildPaths, planOf } from "../build/scheduler.ts";
import { toText } from "../format/bytes.ts";
import type { StorePath } from "../format/store-path.ts";
import { builderOptions } from "./builder-options.ts";
import type { Session } from "./compose.ts";
import { otherWorkBegins } from "./long-run.ts";
import { printMessage } from "./output.ts";
import { formatBytes } from "./progress.ts";
import { reportError } from "./report.ts";
import { sandboxSupply } from "./sandbox-helper.ts";

export interface BuildTarget {
  readonly path: StorePath;
  /** Undefined: all outputs, or the path itself when it is no derivation. */
  readonly outputs: readonly string[] | undefined;
}

export interface RealiseOptions {
  readonly dryRun?: boolean;
  readonly check?: boolean;
}

export interface Outcome {
  /** 0, or Nix's status for what failed; everything was reported then. */
  readonly status: number;
  readonly results: readonly BuildResult[];
}

/** Makes the targets valid; failures are reported and in the status. @throws BuildError when interrupted */
export async function realiseTargets(
  session: Session,
  targets: readonly BuildTarget[],
  options: RealiseOptions = {},
): Promise<Outcome> {
  const builder = builderOptions(session, sandboxSupply(session), options.check);
  const wanted = targets.map((target) => ({ path: target.path, outputs: target.outputs ?? ("*" as const) }));
  if (options.dryRun === true) {
    printPlan(await planOf(wanted, builder));
    return { status: 0, results: [] };
  }
  otherWorkBegins();
  const results = await buildPaths(wanted, builder);
  session.progress.finish();
  const errors = failuresOf(results);
  const causes = errors.filter((error) => error.kind !== "dependency-failed");
  const said = new Set<string>();
  for (const error of causes) {
    if (said.has(error.message)) continue;
    said.add(error.message);
    reportError(error);
  }
  const waiting = errors.length - causes.length;
  if (waiting > 0 && causes.length > 0) {
    const names = results
      .filter((result) => result.error?.kind === "dependency-failed")
      .map((result) => result.path);
    const wanted = names
      .map(
        (path) =>
          `'${toText(path)
            .slice(toText(path).lastIndexOf("/") + 34)
            .replace(/\.drv$/, "")}'`,
      )
      .join(", ");
    printMessage(
      `${wanted === "" ? "" : `so ${wanted} could not be built; `}${waiting} ${waiting === 1 ? "build" : "builds"} waited for what failed`,
    );
  } else if (causes.length === 0) for (const error of errors) reportError(error);
  return { status: exitStatus(results), results };
}

function printPlan(plan: Awaited<ReturnType<typeof planOf>>): void {
  const list = (title: string, paths: readonly StorePath[]) => {
    if (paths.length === 0) return;
    printMessage(`${title}\n${paths.map((path) => `  ${toText(path)}`).join("\n")}`);
  };
  const plural = (count: number, one: string, many: string) =>
    count === 1 ? `this ${one}` : `these ${count} ${many}`;
  const builds = [...plan.builds, ...plan.fetches];
  list(`${plural(builds.length, "derivation", "derivations")} will be built:`, builds);
  const download = plan.substitutes.reduce((sum, entry) => sum + entry.downloadSize, 0);
  const substitutes = plan.substitutes.map((entry) => entry.path);
  list(
    `${plural(substitutes.length, "path", "paths")} will be fetched (${formatBytes(download)} download):`,
    substitutes,
  );
}
