/**
 * The store's database, Nix's schema 10 to the letter: `db/db.sqlite`, `db/schema`, `db/big-lock`.
 *
 * Opened as Nix opens it: write-ahead log, foreign keys, a long busy timeout, `synchronous = normal`. The table
 * `SchemaMigrations` and the names in it are there from the start; without them real Nix would ask for the exclusive
 * `big-lock` and wait for ever on ours, which is shared. Manual: none; the schema is Nix's `schema.sql`.
 */
import * as fs from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { type ByteString, fsPath, toBytes, toText } from "../format/bytes.ts";
import { parseContentAddress, printContentAddress } from "../format/content-address.ts";
import { parsePrefixedHash } from "../format/hash.ts";
import { parseStorePath, type StorePath } from "../format/store-path.ts";
import { lockFile } from "./flock.ts";
import type { StoreLayout } from "./layout.ts";
import type { NewPathInfo, PathInfo } from "./store.ts";
import { StoreError } from "./store-error.ts";

const schemaVersion = 10;

const schema = `
create table if not exists ValidPaths (
    id               integer primary key autoincrement not null,
    path             text unique not null,
    hash             text not null,
    registrationTime integer not null,
    deriver          text,
    narSize          integer,
    ultimate         integer,
    sigs             text,
    ca               text
);
create table if not exists Refs (
    referrer  integer not null,
    reference integer not null,
    primary key (referrer, reference),
    foreign key (referrer) references ValidPaths(id) on delete cascade,
    foreign key (reference) references ValidPaths(id) on delete restrict
);
create index if not exists IndexReference on Refs(reference);
create trigger if not exists DeleteSelfRefs before delete on ValidPaths
  begin
    delete from Refs where referrer = old.id and reference = old.id;
  end;
create table if not exists DerivationOutputs (
    drv  integer not null,
    id   text not null,
    path text not null,
    primary key (drv, id),
    foreign key (drv) references ValidPaths(id) on delete cascade
);
create index if not exists IndexDerivationOutputs on DerivationOutputs(path);
create table if not exists SchemaMigrations (migration text primary key not null);
insert or ignore into SchemaMigrations values('20260309-drop-redundant-indexreferrer');
`;

interface Row {
  readonly id: number;
  readonly path: string;
  readonly hash: string;
  readonly registrationTime: number;
  readonly deriver: string | null;
  readonly narSize: number | null;
  readonly ultimate: number | null;
  readonly sigs: string | null;
  readonly ca: string | null;
}

const columns = "id, path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca";

export class StoreDatabase {
  readonly storeDir: ByteString;
  #database: DatabaseSync;
  #lock: number;
  #statements = new Map<string, StatementSync>();
  #depth = 0;

  /** Opens it, makes it if there is none. @throws StoreError when it cannot be used */
  constructor(layout: StoreLayout) {
    this.storeDir = layout.storeDir;
    const directory = `${layout.stateDir}/db`;
    const file = `${directory}/db.sqlite`;
    try {
      fs.accessSync(fsPath(directory), fs.constants.R_OK | fs.constants.W_OK);
    } catch (cause) {
      throw new StoreError(`Nix database directory '${directory}' is not writable`, { cause });
    }
    const { O_RDWR, O_CREAT } = fs.constants;
    this.#lock = fs.openSync(fsPath(`${directory}/big-lock`), O_RDWR | O_CREAT, 0o600);
    try {
      lockFile(this.#lock, "shared", true);
      const version = readSchemaVersion(directory);
      if (version > schemaVersion)
        throw new StoreError(
          `current Nix store schema is version ${version}, but I only support ${schemaVersion}`,
        );
      if (version !== 0 && version < schemaVersion)
        throw new StoreError(`the store in '${layout.stateDir}' has the old schema ${version}`, {
          hint: "Run any command of Nix 2.4 or later on it once: it brings the database up to date.",
        });
      const fresh = version === 0;
      if (!fresh && !fs.existsSync(fsPath(file)))
        throw new StoreError(`the database '${file}' is missing, though '${directory}/schema' is there`, {
          hint: "Restore it from a backup; or, if nothing in the store is needed, remove the file 'schema'.",
        });
      this.#database = new DatabaseSync(fsPath(file), {
        timeout: 60 * 60 * 1000,
        enableForeignKeyConstraints: true,
      });
      try {
        this.#database.exec(
          "pragma synchronous = normal; pragma main.journal_mode = wal; pragma main.journal_size_limit = 1099511627776; pragma wal_autocheckpoint = 40000;",
        );
        if (fresh) this.#create(directory);
      } catch (error) {
        this.#database.close();
        throw error;
      }
    } catch (error) {
      fs.closeSync(this.#lock);
      if (error instanceof StoreError) throw error;
      throw new StoreError(`cannot open the store's database '${file}': ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  #create(directory: ByteString): void {
    this.transaction(() => this.#database.exec(schema));
    const temporary = `${directory}/schema.${process.pid}`;
    const fd = fs.openSync(fsPath(temporary), "w", 0o666);
    try {
      fs.writeSync(fd, String(schemaVersion));
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(fsPath(temporary), fsPath(`${directory}/schema`));
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
    fs.closeSync(this.#lock);
  }

  /** Runs the body in one transaction; an error undoes it. May be nested. */
  transaction<T>(body: () => T): T {
    if (this.#depth > 0) return body();
    // Taking the write lock at once: a read that becomes a write later fails instead of waiting.
    this.#database.exec("begin immediate");
    this.#depth++;
    try {
      const result = body();
      this.#database.exec("commit");
      return result;
    } catch (error) {
      try {
        this.#database.exec("rollback");
      } catch {
        // The first error says what happened; SQLite may have rolled back by itself (full disk).
      }
      throw this.#explain(error);
    } finally {
      this.#depth--;
    }
  }

  #explain(error: unknown): unknown {
    if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== "ERR_SQLITE_ERROR")
      return error;
    return new StoreError(`the store's database reports: ${toBytes(error.message)}`, { cause: error });
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
  #get(sql: string, ...values: SQLInputValue[]): Record<string, unknown> | undefined {
    try {
      return this.#statement(sql).get(...values);
    } catch (error) {
      throw this.#explain(error);
    }
  }
  #all(sql: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
    try {
      return this.#statement(sql).all(...values);
    } catch (error) {
      throw this.#explain(error);
    }
  }
  #run(sql: string, ...values: SQLInputValue[]): number {
    try {
      return Number(this.#statement(sql).run(...values).lastInsertRowid);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #path(text: unknown): StorePath {
    return parseStorePath(text as string, this.storeDir);
  }
  #paths(rows: readonly Record<string, unknown>[]): StorePath[] {
    return rows.map((row) => this.#path(row.path));
  }

  pathId(path: StorePath): number | undefined {
    return this.#get("select id from ValidPaths where path = ?", path)?.id as number | undefined;
  }

  /** Those of the paths that are valid: one statement for hundreds. */
  validAmong(paths: ReadonlySet<StorePath>): ReadonlySet<StorePath> {
    const list = JSON.stringify([...paths]);
    const these = "from ValidPaths where path in (select value from json_each(?))";
    // Mostly all of them are, and need not be read.
    if (this.#get(`select count(*) as n ${these}`, list)?.n === paths.size) return paths;
    return new Set(this.#all(`select path ${these}`, list).map((row) => row.path as StorePath));
  }

  /** @throws StoreError when the row is not what it should be */
  pathInfo(path: StorePath): PathInfo | undefined {
    const row = this.#get(`select ${columns} from ValidPaths where path = ?`, path) as Row | undefined;
    if (row === undefined) return undefined;
    try {
      return {
        path,
        narHash: parsePrefixedHash(row.hash),
        narSize: row.narSize ?? 0,
        references: this.#paths(
          this.#all("select path from Refs join ValidPaths on reference = id where referrer = ?", row.id),
        ).sort(),
        deriver: row.deriver === null || row.deriver === "" ? undefined : this.#path(row.deriver),
        registrationTime: row.registrationTime,
        ultimate: row.ultimate === 1,
        signatures: (row.sigs ?? "")
          .split(" ")
          .filter((word) => word !== "")
          .map(toBytes),
        ca: row.ca === null || row.ca === "" ? undefined : parseContentAddress(row.ca),
      };
    } catch (error) {
      throw new StoreError(`invalid-path entry for '${path}': ${messageOf(error)}`, { cause: error });
    }
  }

  allPaths(): StorePath[] {
    return this.#paths(this.#all("select path from ValidPaths"));
  }
  /** Registered at this time (seconds) or later. */
  pathsSince(time: number): StorePath[] {
    return this.#paths(this.#all("select path from ValidPaths where registrationTime >= ?", time));
  }
  referrers(path: StorePath): StorePath[] {
    return this.#paths(
      this.#all(
        "select path from Refs join ValidPaths on referrer = id where reference = (select id from ValidPaths where path = ?)",
        path,
      ),
    );
  }
  references(path: StorePath): StorePath[] {
    return this.#paths(
      this.#all(
        "select path from Refs join ValidPaths on reference = id where referrer = (select id from ValidPaths where path = ?)",
        path,
      ),
    );
  }
  derivers(path: StorePath): StorePath[] {
    return this.#paths(
      this.#all(
        "select v.path as path from DerivationOutputs d join ValidPaths v on d.drv = v.id where d.path = ?",
        path,
      ),
    );
  }
  derivationOutputs(id: number): Map<ByteString, StorePath> {
    const rows = this.#all("select id, path from DerivationOutputs where drv = ?", id);
    return new Map(rows.map((row) => [toBytes(row.id as string), this.#path(row.path)]));
  }
  /** The first path that begins so. */
  firstPathFrom(prefix: ByteString): StorePath | undefined {
    const row = this.#get("select path from ValidPaths where path >= ? limit 1", prefix);
    if (row === undefined || !(row.path as string).startsWith(prefix)) return undefined;
    return this.#path(row.path);
  }

  insertPath(info: NewPathInfo, now: number): number {
    return this.#run(
      "insert into ValidPaths (path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca) values (?, ?, ?, ?, ?, ?, ?, ?)",
      info.path,
      info.narHash.toPrefixedBase16(),
      info.registrationTime === undefined || info.registrationTime === 0 ? now : info.registrationTime,
      info.deriver ?? null,
      ...mutableColumns(info),
    );
  }
  updatePath(info: NewPathInfo): void {
    const [narSize, ultimate, sigs, ca] = mutableColumns(info);
    this.#run(
      "update ValidPaths set narSize = ?, hash = ?, ultimate = ?, sigs = ?, ca = ? where path = ?",
      narSize,
      info.narHash.toPrefixedBase16(),
      ultimate,
      sigs,
      ca,
      info.path,
    );
  }
  addReference(referrer: number, reference: number): void {
    this.#run("insert or replace into Refs (referrer, reference) values (?, ?)", referrer, reference);
  }
  addDerivationOutput(drv: number, output: ByteString, path: ByteString): void {
    this.#run(
      "insert or replace into DerivationOutputs (drv, id, path) values (?, ?, ?)",
      drv,
      toText(output),
      path,
    );
  }
  deletePath(path: StorePath): void {
    this.#run("delete from ValidPaths where path = ?", path);
  }

  /** What SQLite itself finds wrong with the file; empty when nothing is. */
  integrityProblems(): string[] {
    const rows = [...this.#all("pragma quick_check"), ...this.#all("pragma foreign_key_check")];
    return rows.map((row) => Object.values(row).join(" ")).filter((text) => text !== "ok");
  }
}

type Nullable = string | number | null;
function mutableColumns(info: NewPathInfo): [Nullable, Nullable, Nullable, Nullable] {
  const signatures = [...new Set(info.signatures ?? [])].sort().map(toText).join(" ");
  return [
    info.narSize === 0 ? null : info.narSize,
    info.ultimate === true ? 1 : null,
    signatures === "" ? null : signatures,
    info.ca === undefined ? null : printContentAddress(info.ca),
  ];
}

function readSchemaVersion(directory: ByteString): number {
  let text: string;
  try {
    text = fs.readFileSync(fsPath(`${directory}/schema`), "latin1").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
  if (!/^[0-9]+$/.test(text)) throw new StoreError(`'${directory}/schema' is corrupt`);
  return Number(text);
}

/** An error's message as bytes. */
export function messageOf(error: unknown): ByteString {
  if (error instanceof Error) {
    const { bytes } = error as { bytes?: unknown };
    return typeof bytes === "string" ? bytes : toBytes(error.message);
  }
  return toBytes(String(error));
}
