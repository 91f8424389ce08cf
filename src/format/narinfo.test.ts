/** narinfo files: parse, print, sign, verify; a real cache's signature; refusals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprint, parseNarInfo, printNarInfo, signNarInfo, verifyNarInfo } from "./narinfo.ts";
import {
  generateSecretKey,
  parsePublicKey,
  parseSecretKey,
  printPublicKey,
  printSecretKey,
  toPublicKey,
} from "./signature.ts";

const text = `StorePath: /nix/store/syd87l2rxw8cbsxmxl853h0r6pdwhwjr-curl-7.82.0-bin
URL: nar/05ra3y72i3qjri7xskf9qj8kb29r6naqy1sqpbs3azi3xcigmj56.nar.xz
Compression: xz
FileHash: sha256:05ra3y72i3qjri7xskf9qj8kb29r6naqy1sqpbs3azi3xcigmj56
FileSize: 68852
NarHash: sha256:1b4sb93wp679q4zx9k1ignby1yna3z7c4c2ri3wphylbc2dwsys0
NarSize: 196040
References: 0jqd0rlxzra1rs38rdxl43yh6rxchgc6-curl-7.82.0 6w8g7njm4mck5dmjxws0z1xnrxvl81xa-glibc-2.34-115 j5jxw3iy7bbz4a57fh9g2xm2gxmyal8h-zlib-1.2.12 yxvjs9drzsphm9pcf42a4byzj1kb9m7k-openssl-1.1.1n
Deriver: 5rwxzi7pal3qhpsyfc16gzkh939q1np6-curl-7.82.0.drv
Sig: cache.nixos.org-1:TsTTb3WGTZKphvYdBHXwo6weVILmTytUjLB+vcX89fOjjRicCHmKA4RCPMVLkj6TMJ4GMX3HPVWRdD1hkeKZBQ==
`;
const key = parsePublicKey("cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=");

test("comes back as it was", () => {
  assert.equal(printNarInfo(parseNarInfo(text, "/nix/store", "x")), text);
});

test("the fingerprint has full, sorted references", () => {
  const info = parseNarInfo(text, "/nix/store", "x");
  assert.match(
    fingerprint(info),
    /^1;\/nix\/store\/syd8.*;sha256:1b4s[0-9a-z]*;196040;\/nix\/store\/0jqd.*,\/nix\/store\/6w8g.*,\/nix\/store\/j5jx/,
  );
});

test("a public cache's signature holds, and no other", () => {
  const info = parseNarInfo(text, "/nix/store", "x");
  assert.ok(verifyNarInfo(info, [key]));
  assert.ok(!verifyNarInfo({ ...info, narSize: info.narSize + 1 }, [key]));
  assert.ok(!verifyNarInfo({ ...info, references: info.references.slice(1) }, [key]));
  assert.ok(!verifyNarInfo({ ...info, signatures: ["cache.nixos.org-1:AAAA", "nonsense", ""] }, [key]));
  assert.ok(!verifyNarInfo(info, []));
});

test("own keys", () => {
  const secret = generateSecretKey("bruma-test-1");
  const again = parseSecretKey(printSecretKey(secret));
  const info = parseNarInfo(text, "/nix/store", "x");
  const signature = signNarInfo(info, again);
  const open = parsePublicKey(printPublicKey(toPublicKey(secret)));
  assert.ok(verifyNarInfo({ ...info, signatures: [signature] }, [open]));
  assert.ok(!verifyNarInfo({ ...info, signatures: [signature] }, [{ ...open, name: "other" }]));
  assert.throws(() => parseSecretKey(printPublicKey(open)), /secret key is not valid/);
  assert.throws(() => parsePublicKey("abc"), /corrupt/);
});

test("refusals", () => {
  const says = (change: (text: string) => string, message: RegExp) =>
    assert.throws(() => parseNarInfo(change(text), "/nix/store", "a.narinfo"), { message });
  says((t) => t.replace(/StorePath.*\n/, ""), /'a.narinfo' is corrupt: StorePath missing$/);
  says((t) => t.replace(/NarHash.*\n/, ""), /NarHash missing/);
  says((t) => t.replace(/NarSize: .*/, "NarSize: 0"), /NarSize missing or zero/);
  says((t) => t.replace(/NarSize: .*/, "NarSize: 1e3"), /invalid NarSize at line 7/);
  says((t) => t.replace(/NarSize: .*/, "NarSize: 99999999999999999999"), /invalid NarSize/);
  says((t) => t.replace(/URL.*\n/, ""), /URL missing/);
  says((t) => t.replace("sha256:1b4", "sha256:1b4e"), /bad hash at line 6/);
  says((t) => t.replace("/nix/store/syd", "/tmp/syd"), /not in the Nix store/);
  says((t) => t.replace(": 0jqd", ": ../0jqd"), /corrupt/);
  says((t) => `${t}garbage`, /expecting ':'/);
  says((t) => `${t}a: b`, /expecting '\\n'/);
  const plain = parseNarInfo(text.replace(/Compression.*\n/, ""), "/nix/store", "x");
  assert.equal(plain.compression, "bzip2");
});
