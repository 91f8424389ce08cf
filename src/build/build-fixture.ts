/**
 * For the tests of this floor: a store of their own in a temporary directory, with a static busybox as the only input,
 * and derivations whose builder is a shell script run by it.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { completeDerivation } from "../derivation/complete.ts";
import {
  derivationReferences,
  type FixedOutputSpecification,
  variablesOf,
} from "../derivation/derivation.ts";
import { DerivationHasher } from "../derivation/hash-modulo.ts";
import type { ProgressEvent } from "../fetch/events.ts";
import { fetchSettings } from "../fetch/settings.ts";
import type { ByteString } from "../format/bytes.ts";
import type { StorePath } from "../format/store-path.ts";
import { layoutBelow } from "../store/layout.ts";
import { LocalStore } from "../store/local-store.ts";
import { removeTree } from "./remove-tree.ts";
import type { BuildOptions } from "./scheduler.ts";

const busyboxFile = "/bin/busybox";
const bwrapFile = "/usr/bin/bwrap";
export const testSystem = process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux";

/** Why builds cannot be tested here; undefined if they can. */
export function cannotBuild(): string | undefined {
  if (process.platform !== "linux") return "sandboxed builds are for Linux";
  if (!existsSync(bwrapFile)) return `${bwrapFile} is missing`;
  const linked = spawnSync(busyboxFile, ["true"], { env: {} });
  if (linked.error !== undefined) return `${busyboxFile} is missing (the package busybox-static)`;
  const trial = ["--unshare-all", "--ro-bind", busyboxFile, "/busybox", "/busybox", "true"];
  if (spawnSync(bwrapFile, trial).status !== 0) return "no static busybox, or no user namespaces";
  return undefined;
}

export interface TestDerivation {
  readonly name: ByteString;
  /** For `busybox sh -c`. */
  readonly script?: ByteString | undefined;
  readonly builder?: ByteString | undefined;
  readonly args?: readonly ByteString[] | undefined;
  readonly system?: ByteString | undefined;
  readonly outputs?: readonly ByteString[] | undefined;
  readonly env?: Readonly<Record<string, ByteString>> | undefined;
  /** Derivations, and which of their outputs are inputs. */
  readonly inputs?: ReadonlyMap<StorePath, readonly ByteString[]> | readonly StorePath[] | undefined;
  readonly sources?: readonly StorePath[] | undefined;
  readonly fixed?: FixedOutputSpecification | undefined;
}

export class BuildFixture {
  readonly root: string;
  readonly store: LocalStore;
  readonly busyboxTree: StorePath;
  /** The program. */
  readonly busybox: ByteString;
  readonly events: ProgressEvent[] = [];
  readonly #hasher: DerivationHasher;

  /**
   * @param native logical paths are the physical ones, as in the system's own store
   * @param open others than us may come there: as root, builders run as another user then
   */
  constructor(native = false, open = true) {
    this.root = mkdtempSync(join(tmpdir(), "bruma-build-"));
    if (open) chmodSync(this.root, 0o755);
    this.store = new LocalStore(layoutBelow(this.root, native ? `${this.root}/nix/store` : undefined));
    const tree = join(this.root, "busybox");
    mkdirSync(tree);
    copyFileSync(busyboxFile, join(tree, "busybox"));
    this.busyboxTree = this.store.addTreeToStore(tree, { name: "busybox" }).path;
    this.busybox = `${this.busyboxTree}/busybox`;
    this.#hasher = new DerivationHasher((path) => this.store.readDerivation(path as StorePath));
  }

  /** Adds a derivation; `$B/busybox` in its script is busybox. */
  add(given: TestDerivation): StorePath {
    const inputs = given.inputs ?? [];
    const inputDrvs =
      inputs instanceof Map
        ? new Map([...inputs].map(([path, outputs]) => [path, new Set(outputs as ByteString[])]))
        : new Map((inputs as readonly StorePath[]).map((path) => [path, new Set(["out"])]));
    const system = given.system ?? testSystem;
    const builder = given.builder ?? this.busybox;
    const completed = completeDerivation(
      {
        name: given.name,
        outputs: given.outputs ?? ["out"],
        inputDrvs,
        inputSrcs: new Set([this.busyboxTree, ...(given.sources ?? [])]),
        system,
        builder,
        args: given.args ?? ["sh", "-c", given.script ?? ""],
        env: variablesOf(
          new Map(Object.entries({ name: given.name, system, builder, B: this.busyboxTree, ...given.env })),
        ),
        fixed: given.fixed,
      },
      this.#hasher,
      this.store.storeDir,
    );
    const path = this.store.addTextToStore(
      `${given.name}.drv`,
      completed.file.text,
      derivationReferences(completed.derivation) as StorePath[],
    );
    completed.remember(path);
    return path;
  }

  output(path: StorePath, name: ByteString = "out"): StorePath {
    return this.store.readDerivation(path).outputs.get(name)?.path as StorePath;
  }

  physical(path: ByteString): string {
    return this.store.layout.physical(path);
  }

  options(changes: Partial<BuildOptions> = {}): BuildOptions {
    return {
      store: this.store,
      layout: this.store.layout,
      system: testSystem,
      extraPlatforms: [],
      systemFeatures: [],
      sandbox: true,
      sandboxHelper: async () => [bwrapFile],
      sandboxShell: undefined,
      cores: 1,
      timeout: 60,
      maxSilentTime: 0,
      maxLogSize: 0,
      logLines: 25,
      keepFailed: false,
      buildRoot: undefined,
      environment: {},
      fetch: fetchSettings({ cacheDirectory: join(this.root, "cache") }),
      sink: (event) => this.events.push(event),
      signal: undefined,
      maxJobs: 2,
      maxDownloads: 4,
      keepGoing: false,
      mode: "normal",
      substituters: [],
      ...changes,
    };
  }

  /** Lines of logs so far. */
  get log(): string[] {
    return this.events.flatMap((event) => (event.kind === "build-log" ? [event.line] : []));
  }

  close(): void {
    this.store.close();
    removeTree(this.root);
  }
}
