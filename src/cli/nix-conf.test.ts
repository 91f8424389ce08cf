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
  assert.deepEqual(Object.fromEntries(found), {
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
  assert.equal(found.get("pure-eval"), "false");
  assert.equal(found.get("sandbox"), undefined);
});
