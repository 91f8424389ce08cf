/**
 * What fetching and building tell whoever draws progress: plain data, emitted in order.
 *
 * It stands on the fetch floor because building, one floor below, emits the same stream.
 */

export type ProgressEvent =
  /** Known before work starts; names without hash. */
  | { readonly kind: "plan"; readonly builds: readonly string[]; readonly downloads: readonly string[] }
  | {
      readonly kind: "fetch-start";
      readonly id: number;
      readonly name: string;
      readonly url: string;
      readonly bytesTotal: number | undefined;
    }
  | {
      readonly kind: "fetch-progress";
      readonly id: number;
      readonly bytesDone: number;
      readonly bytesTotal: number | undefined;
    }
  | { readonly kind: "fetch-end"; readonly id: number; readonly ok: boolean }
  | { readonly kind: "build-start"; readonly id: number; readonly name: string; readonly drvPath: string }
  | { readonly kind: "build-phase"; readonly id: number; readonly phase: string }
  | { readonly kind: "build-log"; readonly id: number; readonly line: string }
  | { readonly kind: "build-end"; readonly id: number; readonly ok: boolean; readonly seconds: number }
  | { readonly kind: "notice"; readonly text: string };

export type ProgressSink = (event: ProgressEvent) => void;
