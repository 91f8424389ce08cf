/**
 * The channel's base, built in an empty store: seeds, toolchain, stdenv and the small builders, by the checks in
 * `channel/tests`. Needs the package registries. The interpreter's checks run with the main job's store instead.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { checkout, makePlace, type Place } from "./place.ts";

let place: Place;
before(() => {
  place = makePlace("channel-base");
});
after(() => place.remove());

for (const name of [
  "toolchain",
  "dependency",
  "overriding",
  "structured",
  "substitution",
  "wrapper",
  "trees",
  "names",
]) {
  test(`the channel's check '${name}'`, () => {
    const done = place.run("nix-build", [join(checkout, "channel/tests"), "-A", name, "--no-out-link"]);
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stdout, /^\/nix\/store\/[0-9a-z]{32}-/);
  });
}
