/**
 * The socket on which a running collection learns of new roots. A worker thread listens, so that it answers while the
 * collector works; each root is acknowledged only when the collector has seen it, between two deletions, so that no
 * client begins to make a path that is just being deleted.
 */

import * as fs from "node:fs";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { type ByteString, fsPath, toText } from "../format/bytes.ts";
import { type StorePath, tryParseStorePath } from "../format/store-path.ts";
import { StoreError } from "./store-error.ts";
import { gcSocketPath } from "./temp-roots.ts";

const code = `
const { workerData } = require("node:worker_threads");
const net = require("node:net");
const { socket, port, state } = workerData;
const connections = new Map();
let next = 0;
const server = net.createServer((connection) => {
  const id = next++;
  connections.set(id, connection);
  let rest = "";
  connection.on("data", (data) => {
    const lines = (rest + data.toString("latin1")).split("\\n");
    rest = lines.pop();
    for (const line of lines) port.postMessage({ id, path: line });
  });
  connection.on("error", () => {});
  connection.on("close", () => connections.delete(id));
});
port.on("message", ({ id }) => connections.get(id)?.write("1"));
const tell = (value) => { Atomics.store(state, 0, value); Atomics.notify(state, 0); };
server.on("error", () => tell(2));
server.listen(socket, () => tell(1));
`;

export class GcServer {
  #storeDir: ByteString;
  #worker: Worker;
  #port: MessagePort;
  #socket: string;
  #directory: number;

  /** @throws StoreError when the socket cannot be made */
  constructor(stateDir: ByteString, storeDir: ByteString) {
    this.#storeDir = storeDir;
    const path = gcSocketPath(stateDir);
    const directory = path.slice(0, path.lastIndexOf("/"));
    fs.mkdirSync(fsPath(directory), { recursive: true });
    fs.rmSync(fsPath(path), { force: true });
    this.#directory = fs.openSync(fsPath(directory), fs.constants.O_RDONLY);
    // Addresses of sockets are at most 107 bytes long; through /proc every directory has a short name.
    const short = path.length > 100 && process.platform === "linux";
    this.#socket = short ? `/proc/self/fd/${this.#directory}/socket` : toText(path);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const state = new Int32Array(new SharedArrayBuffer(4));
    this.#worker = new Worker(code, {
      eval: true,
      workerData: { socket: this.#socket, port: port2, state },
      transferList: [port2],
      execArgv: [],
    });
    this.#worker.unref();
    this.#port.unref();
    if (Atomics.wait(state, 0, 0, 30_000) === "timed-out" || Atomics.load(state, 0) !== 1) {
      this.close();
      throw new StoreError(`cannot listen for roots on '${path}'`);
    }
    try {
      // Anybody who may use the store may tell of roots.
      fs.chmodSync(this.#socket, 0o666);
    } catch {
      // Some file systems have no modes for sockets.
    }
  }

  /** Calls `found` for each new root and tells its sender that it is safe. */
  receive(found: (path: StorePath) => void): void {
    for (;;) {
      const message = receiveMessageOnPort(this.#port) as
        | { message: { id: number; path: string } }
        | undefined;
      if (message === undefined) return;
      const path = tryParseStorePath(message.message.path, this.#storeDir);
      if (path !== undefined) found(path);
      this.#port.postMessage({ id: message.message.id });
    }
  }

  close(): void {
    fs.rmSync(this.#socket, { force: true });
    fs.closeSync(this.#directory);
    this.#port.close();
    void this.#worker.terminate();
  }
}
