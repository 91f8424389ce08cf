/** Nix's configuration files: which are read, in which order, and what of them counts. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readConfiguration } from "./nix-conf.ts";

const place = mkdtempSync(join(tmpdir(), "bruma-conf-"));
after(() => rmSync(place, { recursive: true }));
mkdirSync(join(place, "nix"));
writeFileSync(
  join(place, "nix.conf"),
  "pure-eval = true\nshow-trace = true # always\ninclude more.conf\n!include none.conf\nsandbox = false\n",
);
writeFileSync(join(place, "more.conf"), "max-call-depth = 7\nallowed-uris = a: b:\n");
writeFileSync(join(place, "nix/nix.conf"), "pure-eval = false\nextra-allowed-uris = c:\n");

test("the user's file after the system's, NIX_CONFIG last", () => {
  const found = readConfiguration({
    NIX_CONF_DIR: place,
    XDG_CONFIG_HOME: place,
    XDG_CONFIG_DIRS: "/nonexistent",
    NIX_CONFIG: "max-call-depth = 9\nlint-url-literals = warn",
  });
  assert.deepEqual(Object.fromEntries(found.settings), {
    "pure-eval": "false",
    "show-trace": "true",
    "max-call-depth": "9",
    "allowed-uris": "a: b: c:",
    "lint-url-literals": "warn",
  });
});

test("NIX_USER_CONF_FILES instead of the user's own", () => {
  const files = `${place}/nix/nix.conf:${place}/nix.conf`;
  const found = readConfiguration({ NIX_CONF_DIR: "/nonexistent", NIX_USER_CONF_FILES: files });
  assert.equal(found.settings.get("pure-eval"), "false");
  assert.equal(found.settings.get("sandbox"), undefined);
});

test("what cannot be read so is an error", () => {
  const read = (NIX_CONFIG: string) =>
    readConfiguration({ NIX_CONF_DIR: "/nonexistent", NIX_USER_CONF_FILES: "", NIX_CONFIG });
  const faults = {
    "pure-eval": "syntax error in configuration line 'pure-eval' in \"NIX_CONFIG\"",
    "cores=1": "syntax error in configuration line 'cores=1' in \"NIX_CONFIG\"",
    "pure-eval = on": "Boolean setting 'pure-eval' has invalid value 'on'",
    "cores = -1": "setting 'cores' has invalid value '-1'",
    "timeout = 99999999999999999999": "setting 'timeout' has invalid value '99999999999999999999'",
    "max-jobs = many": "configuration setting 'max-jobs' should be 'auto' or an integer",
    "sandbox = maybe": "option 'sandbox' has invalid value 'maybe'",
    "lint-url-literals = yes":
      "option 'lint-url-literals' has invalid value 'yes' (expected 'ignore', 'warn', or 'fatal')",
    "include other.conf": 'not an absolute path: "other.conf"',
    "include /nonexistent.conf": 'file "/nonexistent.conf" included from "NIX_CONFIG" not found',
  };
  for (const [text, message] of Object.entries(faults)) assert.throws(() => read(text), { message });
  assert.deepEqual(
    [...read("extra-cores = 1\nfoo = 1\n!include /nonexistent.conf\n").unknown],
    ["extra-cores", "foo"],
  );
  const settings = Object.fromEntries(read("system = a # b\nmax-call-depth = 2k\ncores = 1G").settings);
  assert.deepEqual(settings, { system: "a", "max-call-depth": "2k" });
});
