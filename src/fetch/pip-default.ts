/**
 * The package index that pip asks when nobody configures one: read from a pip on this machine, else from the pip
 * that Debian packages.
 *
 * bruma itself names no registry. pip keeps the address in `pip/_internal/models/index.py`; that file is looked for
 * in the places where Pythons keep packages, then inside the wheels that Python installers carry (`ensurepip`), then
 * by asking the `python3` on the PATH, and last in Debian's python3-pip. The answer is kept in the cache.
 */
import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { parseHash } from "../format/hash.ts";
import { FetchError, MirrorError } from "./error.ts";
import type { ProgressSink } from "./events.ts";
import type { FetchSettings } from "./settings.ts";
import { transferFile } from "./transfer.ts";
import { unpackDeb } from "./unpack-deb.ts";
import { readZipEntry } from "./unpack-zip.ts";

const indexModule = "pip/_internal/models/index.py";

/** Debian 12's, whose pool stays as it is. */
const debianPip = {
  path: "pool/main/p/python-pip/python3-pip_23.0.1+dfsg-1_all.deb",
  sha256: "d8024ededc6c7fe941ca96aabebdcf2d846fd130eae9d66aad1aa32a84454291",
};

/** `PyPI = PackageIndex("https://…/", …)`: its simple index lies at `simple` below. */
export function defaultIndexIn(source: string): string | undefined {
  const found = /^PyPI\s*=\s*PackageIndex\(\s*["'](https?:\/\/[^"']+)["']/m.exec(source);
  return found === null ? undefined : `${found[1]!.replace(/\/+$/, "")}/simple`;
}

function entries(directory: string): string[] {
  try {
    return fs.readdirSync(directory).sort().reverse();
  } catch {
    return [];
  }
}

/** Directories that may hold `pip/`, and wheels of pip. */
function* places(settings: FetchSettings): Generator<string> {
  const prefixes = new Set<string>();
  if (settings.environment.VIRTUAL_ENV) prefixes.add(settings.environment.VIRTUAL_ENV);
  for (const bin of (settings.environment.PATH ?? "").split(delimiter)) {
    if (bin.endsWith("/bin") && fs.existsSync(join(bin, "python3"))) prefixes.add(dirname(bin));
  }
  for (const prefix of [
    join(settings.home, ".local"),
    join(settings.systemRoot, "usr"),
    join(settings.systemRoot, "usr/local"),
  ]) {
    prefixes.add(prefix);
  }
  for (const prefix of prefixes) {
    yield join(prefix, "lib/python3/dist-packages");
    for (const name of entries(join(prefix, "lib"))) {
      if (!/^python3\.\d+$/.test(name)) continue;
      yield join(prefix, "lib", name, "site-packages");
      yield join(prefix, "lib", name, "dist-packages");
      yield join(prefix, "lib", name, "ensurepip/_bundled");
    }
    yield join(prefix, "share/python-wheels");
    yield join(prefix, "share/python3-pip-wheel");
  }
}

async function fromFiles(settings: FetchSettings): Promise<string | undefined> {
  for (const place of places(settings)) {
    const found = await indexIn(place);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function indexIn(directory: string): Promise<string | undefined> {
  try {
    const found = defaultIndexIn(fs.readFileSync(join(directory, indexModule), "utf8"));
    if (found !== undefined) return found;
  } catch {
    // no pip here
  }
  for (const name of entries(directory)) {
    if (!/^pip-[0-9].*\.whl$/.test(name)) continue;
    try {
      const source = await readZipEntry(join(directory, name), indexModule, 2 ** 20);
      const found = source === undefined ? undefined : defaultIndexIn(source.toString("utf8"));
      if (found !== undefined) return found;
    } catch {
      // a broken wheel is not ours to complain of
    }
  }
  return undefined;
}

async function fromPython(settings: FetchSettings): Promise<string | undefined> {
  if (settings.systemRoot !== "/") return undefined;
  const script = "import os, pip, ensurepip; print(os.path.dirname(os.path.dirname(pip.__file__)))";
  try {
    const { stdout } = await promisify(execFile)("python3", ["-I", "-c", script], {
      timeout: 20_000,
      env: settings.environment as NodeJS.ProcessEnv,
    });
    return await indexIn(stdout.trim());
  } catch {
    return undefined; // no Python, or one without pip
  }
}

async function fromDebian(
  archives: readonly string[],
  settings: FetchSettings,
  sink: ProgressSink | undefined,
): Promise<string | undefined> {
  const directory = fs.mkdtempSync(join(os.tmpdir(), "bruma-pip-"));
  const destination = join(directory, "pip.deb");
  const expected = parseHash(debianPip.sha256, "sha256");
  try {
    for (const [i, archive] of archives.entries()) {
      try {
        await transferFile(`${archive}/${debianPip.path}`, { destination, expected, settings, sink });
        await unpackDeb(destination, join(directory, "tree"));
        return await indexIn(join(directory, "tree/usr/lib/python3/dist-packages"));
      } catch (error) {
        if (!(error instanceof FetchError) || i === archives.length - 1) throw error;
      }
    }
    return undefined;
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * The simple index that pip asks by default.
 * @param debian addresses of Debian's archive, for a machine without any pip
 * @throws MirrorError if no pip is to be found anywhere
 */
export async function defaultIndex(
  settings: FetchSettings,
  debian: () => readonly string[],
  sink?: ProgressSink,
): Promise<string> {
  const kept = join(settings.cacheDirectory, "pip-default-index");
  try {
    const text = fs.readFileSync(kept, "utf8").trim();
    if (/^https?:\/\/\S+$/.test(text)) return text;
  } catch {
    // not asked before
  }
  let found = (await fromFiles(settings)) ?? (await fromPython(settings));
  let cause: unknown;
  if (found === undefined) {
    try {
      found = await fromDebian(debian(), settings, sink);
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      cause = error;
    }
  }
  if (found === undefined) {
    throw new MirrorError(
      "no package index is known for 'mirror://pypi': this machine has no pip to learn it from",
      {
        hint: "Set the address of a simple index: 'pypi' under [mirrors] in the settings file, BRUMA_MIRRORS_PYPI, or PIP_INDEX_URL.",
        cause,
      },
    );
  }
  try {
    fs.mkdirSync(settings.cacheDirectory, { recursive: true });
    fs.writeFileSync(kept, `${found}\n`);
  } catch {
    // A cache that cannot be written costs time only.
  }
  return found;
}
