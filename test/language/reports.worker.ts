/** Makes all reports in a thread with a stack as deep as the launcher gives the program. */
import { parentPort } from "node:worker_threads";
import { ownReport, reportFiles, reportsOf } from "./reports.ts";

parentPort?.postMessage(
  reportFiles().flatMap((file) =>
    reportsOf(file).map((report) => ({ ...report, actual: ownReport(report) })),
  ),
);
