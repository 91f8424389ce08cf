/** The program as users call it: dispatch by name, output on the right stream, exit codes, messages of mistakes. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { TestPlace } from "./run-program.ts";

const place = new TestPlace();
after(() => place.remove());
const write = (name: string, text: string) => writeFileSync(join(place.directory, name), text);

test("bruma without a command lists them; a mistyped one is named", () => {
  assert.equal(place.run(["bruma"]).status, 2);
  assert.match(place.run(["bruma", "--help"]).out, /^usage: bruma COMMAND/);
  const wrong = place.run(["bruma", "evl"]);
  assert.equal(wrong.status, 2);
  assert.match(wrong.err, /'evl' is not a command of bruma\n {2}hint: did you mean 'bruma eval'\?/);
  assert.equal(wrong.out, "");
});

test("every command has help", () => {
  for (const name of [
    "shell",
    "build",
    "run",
    "eval",
    "instantiate",
    "repl",
    "log",
    "store",
    "hash",
    "compat",
  ]) {
    const help = place.run(["bruma", name, "--help"]);
    assert.equal(help.status, 0, name);
    assert.match(help.out, new RegExp(`^usage: bruma ${name}`));
  }
});

test("nix-instantiate --eval prints as Nix does", () => {
  const evaluate = (...words: string[]) => place.run(["nix-instantiate", "--eval", ...words]);
  assert.equal(evaluate("-E", "{ a = 1 + 1; }").out, "{ a = <CODE>; }\n");
  assert.equal(
    evaluate("--strict", "-E", '{ b = [ 1 "x\\n" null ]; a = 1.5; }').out,
    '{ a = 1.5; b = [ 1 "x\\n" null ]; }\n',
  );
  assert.equal(evaluate("--json", "--strict", "-E", '{ b = [ 1 "ü" ]; }').out, '{"b":[1,"ü"]}\n');
  assert.equal(evaluate("--raw", "-E", '"a" + "b"').out, "ab");
  assert.equal(evaluate("-E", "{ x, y ? 2 }: x + y", "--arg", "x", "40").out, "42\n");
  assert.equal(evaluate("-E", "{ x }: x", "--argstr", "x", "a b").out, '"a b"\n');
  assert.equal(evaluate("-A", "a.b", "-A", "c", "-E", "{ a.b = 1; c = 2; }").out, "1\n2\n");
  assert.equal(place.run(["nix-instantiate", "--eval", "-"], { input: "1 + 2" }).out, "3\n");
  assert.equal(place.run(["nix-instantiate", "--parse", "-E", "x: x+1"]).out, "(x: (x + 1))\n");
});

test("an error has its place, goes to standard error, and the status is 1", () => {
  write("bad.nix", "{ a = 1;\n  b = aa; }\n");
  const ran = place.run(["nix-instantiate", "--eval", "--strict", "bad.nix"]);
  assert.equal(ran.status, 1);
  assert.equal(ran.out, "");
  assert.match(ran.err, /error:[\s\S]*undefined variable 'aa'\n\s+at .*bad\.nix:2:7:/);
  assert.match(place.run(["bruma", "eval", "-f", "none.nix"]).err, /none\.nix' does not exist/);
});

test("a search path: -I, NIX_PATH, --find-file", () => {
  write("found.nix", "7");
  assert.equal(place.run(["nix-instantiate", "--eval", "-I", "x=found.nix", "-E", "import <x>"]).out, "7\n");
  const environment = { NIX_PATH: place.directory };
  assert.equal(
    place.run(["nix-instantiate", "--eval", "-E", "import <found.nix>"], { environment }).out,
    "7\n",
  );
  assert.equal(
    place.run(["nix-instantiate", "--find-file", "found.nix"], { environment }).out,
    `${place.directory}/found.nix\n`,
  );
  const missing = place.run(["nix-instantiate", "--find-file", "nowhere"], { environment });
  assert.equal(missing.status, 1);
  assert.match(missing.err, /file 'nowhere' was not found in the Nix search path/);
});

test("a built derivation: output path, link, log, garbage collection", () => {
  write("data.txt", "hello\n");
  const hash = "sha256-WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM=";
  write(
    "fixed.nix",
    `derivation { name = "fixed"; system = "builtin"; builder = "builtin:fetchurl"; url = "file://${place.directory}/data.txt";
       outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "${hash}"; }`,
  );
  const ran = place.run(["nix-build", "fixed.nix"]);
  assert.equal(ran.status, 0, ran.err);
  const path = ran.out.trim();
  assert.equal(readFileSync(path, "utf8"), "hello\n");
  assert.equal(readlinkSync(join(place.directory, "result")), path);
  assert.equal(place.run(["nix-store", "-q", "--references", path]).out, "");
  assert.equal(place.run(["nix-store", "--gc"]).status, 0);
  assert.ok(existsSync(path), "the result link keeps it");
  assert.equal(
    place.run(["nix-store", "-q", "--hash", "result"]).out.trim(),
    place.run(["nix-hash", "--type", "sha256", "--base32", path]).out.trim().replace(/^/, "sha256:"),
  );
  assert.equal(place.run(["bruma", "store", "verify", "--check-contents"]).status, 0);
});

test("a wrong hash: both are shown, the status is 102, nothing is registered", () => {
  write(
    "wrong.nix",
    `derivation { name = "wrong"; system = "builtin"; builder = "builtin:fetchurl"; url = "file://${place.directory}/data.txt";
       outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; }`,
  );
  const ran = place.run(["nix-build", "wrong.nix", "--no-out-link"]);
  assert.equal(ran.status, 102);
  assert.match(ran.err, /specified: sha256-AAAA[\s\S]*got:\s+sha256-WJG1/);
  assert.equal(ran.out, "");
});

test("nix-store --dump and --restore, nix-hash", () => {
  write("tree.txt", "x");
  const dump = place.run(["nix-store", "--dump", "tree.txt"]);
  assert.equal(dump.status, 0);
  assert.equal(place.run(["nix-store", "--restore", "again"], { input: dump.out }).status, 0);
  assert.equal(readFileSync(join(place.directory, "again"), "utf8"), "x");
  assert.equal(
    place.run(["nix-hash", "--flat", "--type", "sha1", "tree.txt"]).out,
    "11f6ad8ec52a2984abaafd7c3b516503785c2072\n",
  );
  assert.equal(
    place.run(["nix-hash", "--type", "sha1", "--to-base32", "11f6ad8ec52a2984abaafd7c3b516503785c2072"])
      .status,
    0,
  );
});

test("--export and --import bring paths with what is known of them to another store", () => {
  write("src.txt", "carried");
  const path = place.run(["nix-store", "--add", "src.txt"]).out.trim();
  const stream = place.run(["nix-store", "--export", path]);
  assert.equal(stream.status, 0);
  // ASCII contents survive the detour over text.
  const deleted = place.run(["nix-store", "--delete", path]);
  assert.equal(deleted.status, 0, deleted.err);
  assert.ok(!existsSync(path));
  const imported = place.run(["nix-store", "--import"], { input: stream.out });
  assert.equal(imported.out, `${path}\n`, imported.err);
  assert.equal(readFileSync(path, "utf8"), "carried");
});

test("the repl: values, bindings, several lines, commands", () => {
  const ran = place.run(["bruma", "repl"], {
    input: '1 + 1\nx = 20\nx +\n 22\n:t "s"\nlet\n y = 1;\nin y\nboom\n:q\n9\n',
  });
  assert.equal(ran.out, "2\n42\na string\n1\n");
  assert.match(ran.err, /undefined variable 'boom'/);
});

test("what is not there yet says so by name", () => {
  for (const words of [
    ["nix-env", "-i", "x"],
    ["nix", "profile", "list"],
    ["nix", "registry", "list"],
  ]) {
    const ran = place.run(words);
    assert.equal(ran.status, 1);
    assert.match(ran.err, /not available in this version/);
  }
});

test("nested calls end at Nix's limit, however small the system's stack", () => {
  const deep = "let f = n: if n == 0 then 0 else 1 + f (n - 1); in f";
  const evaluate = (text: string) => place.run(["nix-instantiate", "--eval", "-E", text]);
  assert.deepEqual(evaluate(`${deep} 9000`), { status: 0, out: "9000\n", err: "" });
  const endless = evaluate(`${deep} (-1)`);
  assert.equal(endless.status, 1);
  assert.match(endless.err, /error: stack overflow; max-call-depth exceeded/);
});

test("Nix's settings are flags too", () => {
  const evaluate = (...words: string[]) => place.run(["nix-instantiate", "--eval", ...words]);
  assert.match(evaluate("--max-call-depth", "5", "-E", "(x: x x) (x: x x)").err, /max-call-depth exceeded/);
  assert.match(evaluate("--lint-url-literals", "fatal", "-E", "http://a.b").err, /\(lint-url-literals\)/);
  const wrong = evaluate("--lint-url-literals", "no", "-E", "1");
  assert.match(wrong.err, /'lint-url-literals' has invalid value 'no'/);
  assert.doesNotMatch(evaluate("--show-trace", "--no-show-trace", "-E", "(x: throw x) 1").err, /call site/);
});

test("--parse knows every variable", () => {
  assert.equal(place.run(["nix-instantiate", "--parse", "-E", "x: [ x ]"]).out, "(x: [ (x) ])\n");
  assert.match(place.run(["nix-instantiate", "--parse", "-E", "x: y"]).err, /undefined variable 'y'/);
});

test("nix repl tells bindings from expressions", () => {
  const repl = (...lines: string[]) => place.run(["nix", "repl"], { input: `${lines.join("\n")}\n` });
  assert.equal(
    repl("x = 1; y.a = 2", "y", 'builtins.hasAttr "b" { b = 1; }', "x == 1").out,
    "{ a = 2; }\ntrue\ntrue\n",
  );
  assert.equal(repl("inherit (builtins) length", "length [", "1 2 ]").out, "2\n");
  assert.equal(repl(":t builtins.map", ":t 1").out, "the built-in function 'map'\nan integer\n");
  assert.match(repl(":a { a = 1; b = 2; }").err, /Added 2 variables\.\na, b\n/);
  assert.equal(repl(":a { a = 1; b = 2; }", ":ll").out, "a\nb\n");
  assert.equal(
    repl(":p { a = throw ''x''; b = [ { c = 1; } ]; }").out,
    "{\n  a = «error: x»;\n  b = [\n    { c = 1; }\n  ];\n}\n",
  );
  assert.match(repl("x =", "y = 1").err, /syntax error/);
});

test("restricted evaluation sees nothing beside what is allowed, not where links lead either", () => {
  const below = (name: string) => join(place.directory, name);
  mkdirSync(below("restricted/open"), { recursive: true });
  writeFileSync(below("restricted/secret"), "x");
  writeFileSync(below("restricted/open/a"), "b");
  symlinkSync("secret", below("restricted/link"));
  const evaluate = (text: string) =>
    place.run(
      [
        "nix-instantiate",
        "--eval",
        "--strict",
        "--restrict-eval",
        "-I",
        below("restricted/open"),
        "-E",
        text,
      ],
      {
        environment: { NIX_PATH: "" },
      },
    );
  assert.equal(evaluate("builtins.readFile ./restricted/open/a").out, '"b"\n');
  assert.equal(evaluate("builtins.readDir ./restricted").out, '{ open = "directory"; }\n');
  const forbidden = evaluate("builtins.readFile ./restricted/link").err;
  assert.match(forbidden, /access to absolute path '\S+\/restricted\/link' is forbidden in restricted mode/);
  assert.doesNotMatch(forbidden, /secret/);
});
