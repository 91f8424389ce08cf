/**
 * Command lines of `nix-instantiate --eval`, `nix eval` and `nix repl` beside Nix 2.34's answers, as data: the whole of
 * standard output and exit status, and how standard error begins.
 */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { TestPlace } from "./run-program.ts";

const place = new TestPlace();
after(() => place.remove());
const at = (name: string) => join(place.directory, name);
mkdirSync(at("sub"));
mkdirSync(at("flake"));
writeFileSync(at("sub/default.nix"), "{ val = 42; }");
writeFileSync(at("file.txt"), "hello\n");
writeFileSync(at("a.nix"), '{ x = 1; y = "two"; z = [ 1 { deep = "v"; } ]; "a b" = 5; f = a: a; }');
writeFileSync(at("sp ace"), "");
writeFileSync(at("g.nix"), "{ a, b ? 2 }: { inherit a b; }");
writeFileSync(at("flake/flake.nix"), '{ outputs = _: { l = [ 1 ]; bad = throw "no"; n.a = 1; }; }');
symlinkSync("nowhere", at("dangling"));

interface Case {
  readonly words: readonly string[];
  readonly out?: string;
  readonly err?: string;
  readonly status?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
}

function check(program: readonly string[], cases: readonly Case[]): void {
  for (const { words, out = "", err = "", status = err.startsWith("error") ? 1 : 0, ...given } of cases) {
    const options = {
      environment: { NIX_PATH: "", NIX_CONF_DIR: "/nonexistent", ...given.environment },
      ...(given.input === undefined ? {} : { input: given.input }),
    };
    const ran = place.run([...program, ...words], options);
    const shown = `${JSON.stringify(given.environment ?? {})} ${words.join(" ")}`;
    assert.equal(ran.out, out, shown);
    assert.equal(ran.err.slice(0, err.length), err, shown);
    if (err === "") assert.equal(ran.err, "", shown);
    assert.equal(ran.status, status, shown);
  }
}

test("nix-instantiate --eval", () => {
  check(
    ["nix-instantiate", "--eval"],
    [
      // The last form counts.
      { words: ["--raw", "--json", "-E", '"a"'], out: '"a"\n' },
      {
        words: ["--json", "--xml", "-E", '"a"'],
        out: "<?xml version='1.0' encoding='utf-8'?>\n<expr>\n  <string value=\"a\" />\n</expr>\n",
      },
      { words: ["--strict", "--", "sub"], out: "{ val = 42; }\n" },
      { words: ["a.nix", "-A", "z.1.deep"], out: '"v"\n' },
      { words: ["a.nix", "-A", '"a b"'], out: "5\n" },
      { words: ["a.nix", "-A", "z.2"], err: "error: list index 2 in selection path 'z.2' is out of range\n" },
      // Arguments are checked before anything is evaluated.
      {
        words: ["g.nix", "--arg", "a", "y"],
        err: "error: undefined variable 'y'\n       at «string»:1:1:\n",
      },
      { words: ["-E", "~/x"], environment: { HOME: "/h" }, out: "/h/x\n" },
      {
        words: ["-E", "builtins.readFile ./file.txt/x"],
        err: "error:\n       … while calling the 'readFile' builtin\n         at «string»:1:1:\n            1| builtins.readFile ./file.txt/x\n             | ^\n\n       error: path '",
      },
      {
        words: ["-E", "[ (builtins.toJSON [ (./. + ''/sp ace'') ]) ]", "--strict"],
        err: "error:\n       … while evaluating list element at index 0\n\n       … while calling the 'toJSON' builtin\n         at «string»:1:4:\n            1| [ (builtins.toJSON [ (./. + ''/sp ace'') ]) ]\n             |    ^\n\n       … while evaluating list element at index 0\n\n       error: path '",
      },
      { words: ["-E", "1"], environment: { NIX_STORE_DIR: "x" }, err: 'error: not an absolute path: "x"\n' },
      {
        words: ["-E", "builtins.storeDir"],
        environment: { NIX_STORE_DIR: `${place.directory}/./s//t/` },
        out: `"${place.directory}/s/t"\n`,
      },
    ],
  );
});

test("nix-instantiate: derivations found are worked out one after another", () => {
  const package_ = (rest: string) => `{ type = "derivation"; name = "x"; ${rest} }`;
  check(
    ["nix-instantiate"],
    [
      {
        words: ["-E", `{ a = ${package_("drvPath = 1;")}; }`],
        err: "error:\n       … while evaluating the 'drvPath' attribute of a derivation\n         at «string»:1:42:\n",
      },
      {
        words: ["-E", `{ a = ${package_("")}; }`],
        err: "error: derivation does not contain a 'drvPath' attribute\n",
      },
      {
        words: ["-E", '{ a = { type = "derivation"; name = 1; }; }'],
        err: "error:\n       … while evaluating the attribute 'a'\n         at «string»:1:3:\n            1| { a = { type = \"derivation\"; name = 1; }; }\n             |   ^\n\n       … while evaluating the 'name' attribute of a derivation\n\n       error: expected a string but found an integer: 1\n",
      },
      {
        words: ["-E", '{ a = { recurseForDerivations = "y"; }; }'],
        err: "error:\n       … while evaluating the attribute 'a'\n         at «string»:1:3:\n            1| { a = { recurseForDerivations = \"y\"; }; }\n             |   ^\n\n       … while evaluating the attribute `recurseForDerivations`\n         at «string»:1:9:\n",
      },
    ],
  );
  const good = 'derivation { name = "a"; system = "b"; builder = "c"; }';
  const ran = place.run([
    "nix-instantiate",
    "-E",
    `{ a = ${good}; b = ${package_('drvPath = throw "x";')}; }`,
  ]);
  assert.match(ran.out, /-a\.drv\n$/);
  assert.match(
    ran.err,
    /^warning: you did not specify '--add-root'[^\n]*\nerror:\n {7}… while calling the 'throw'/,
  );
});

test("search paths", () => {
  check(
    ["nix-instantiate"],
    [
      {
        words: ["--eval", "--strict", "-I", "a=sub", "-I", ".", "-E", "builtins.nixPath"],
        environment: { NIX_PATH: "b:c=d:http://x/y:flake:foo::" },
        out: '[ { path = "sub"; prefix = "a"; } { path = "."; prefix = ""; } { path = "b"; prefix = ""; } { path = "d"; prefix = "c"; } { path = "http://x/y"; prefix = ""; } { path = "flake:foo"; prefix = ""; } ]\n',
      },
      {
        words: ["--eval", "-I", "none", "-I", "a=sub", "-E", "(import <a/.>).val"],
        out: "42\n",
        err: "warning: Nix search path entry 'none' does not exist, ignoring\n",
      },
      {
        words: ["--eval", "-E", 'builtins.findFile [ { path = "sub"; } ] "default.nix"'],
        out: `${place.directory}/sub/default.nix\n`,
      },
      // Up to the entry and no further.
      {
        words: ["--find-file", "-I", "a=sub", "a/x/../../default.nix"],
        out: `${place.directory}/sub/default.nix\n`,
      },
      {
        words: [
          "--eval",
          "-E",
          '(builtins.tryEval (builtins.findFile [ { path = ./sub; } ] "../file.txt")).success',
        ],
        out: "false\n",
      },
      {
        words: ["--find-file", "nix/fetchurl.nix"],
        err: "error: '<nix/fetchurl.nix>' has no physical path\n",
      },
      {
        words: ["--eval", "-I", `f=flake:${at("flake")}`, "-E", "(import <f/flake.nix>) ? outputs"],
        out: "true\n",
      },
    ],
  );
});

test("settings: flags, --option, NIX_CONFIG", () => {
  const evaluate = (expression: string, ...words: string[]) => ["--eval", ...words, "-E", expression];
  const config = (text: string) => ({ environment: { NIX_CONFIG: text } });
  check(
    ["nix-instantiate"],
    [
      { words: evaluate("builtins.currentSystem"), ...config("system = s"), out: '"s"\n' },
      {
        words: evaluate("builtins.currentSystem", "--system", "t"),
        ...config("eval-system = s"),
        out: '"s"\n',
      },
      {
        words: evaluate("1 |> (x: x)"),
        ...config("extra-experimental-features = pipe-operators"),
        out: "1\n",
      },
      { words: evaluate("1 |> (x: x)", "--option", "experimental-features", "pipe-operators"), out: "1\n" },
      { words: evaluate("1"), ...config("foo = 1"), out: "1\n", err: "warning: unknown setting 'foo'\n" },
      {
        words: evaluate("1"),
        ...config("cores=1"),
        err: "error: syntax error in configuration line 'cores=1' in",
      },
      {
        words: evaluate("1"),
        ...config("pure-eval = on"),
        err: "error: Boolean setting 'pure-eval' has invalid",
      },
      {
        words: evaluate("1", "--option", "max-call-depth", "x"),
        out: "1\n",
        err: "warning: setting 'max-call-depth' has invalid value 'x'\n",
      },
      {
        words: evaluate("1", "--max-call-depth", "-1"),
        err: "error: setting 'max-call-depth' has invalid value '-1'\n",
      },
      {
        words: evaluate("1", "--no-eval-cache", "--tarball-ttl", "0", "--extra-substituters", "x", "--debug"),
        out: "1\n",
      },
      { words: evaluate("builtins ? currentSystem", "--pure-eval", "--impure"), out: "true\n" },
      { words: evaluate("builtins ? currentSystem"), ...config("pure-eval = true"), out: "false\n" },
      {
        words: evaluate("1", "--log-format", "x"),
        err: "error: option 'log-format' has an invalid value 'x'\n",
      },
      { words: evaluate("1", "--store", "x"), err: "error: unrecognised flag '--store'\n" },
    ],
  );
  const pure = { ...config("pure-eval = false"), out: "false\n" };
  check(["nix", "eval"], [{ words: ["--expr", "builtins ? currentSystem"], ...pure }]);
});

test("nix eval", () => {
  check(
    ["nix", "eval"],
    [
      { words: ["--file", "a.nix", "x^out"], out: "1\n" },
      { words: ["--file", "a.nix", "x^"], err: "error: invalid extended outputs specifier 'x^'\n" },
      { words: ["--expr", "let a = [ a ]; in a"], out: "[ [ «repeated» ] ]\n" },
      {
        words: ["--write-to", at("out"), "--expr", "1"],
        err: "error: value at '«none»:0' is not a string or an attribute set\n",
      },
      { words: ["--file", "sub", "."], out: "{ val = 42; }\n" },
      { words: ["--expr", '{ type = throw "x"; }'], out: "«error: x»\n" },
      {
        words: ["--expr", '{ type = "derivation"; drvPath = "/foo.drv"; }'],
        out: "«error: path '/foo.drv' is not in the Nix store»\n",
      },
      { words: ["--expr", 'throw "x"'], err: "error:\n       … while calling the 'throw' builtin\n" },
      { words: [`path:${at("flake")}#l.0`], err: "error: 'l' is not an attribute set\n" },
      { words: [`path:${at("flake")}#bad`], err: "error:\n       … while calling the 'throw' builtin\n" },
    ],
  );
});

test("nix repl", () => {
  const flake = at("flake");
  const typed = (...lines: string[]) => ({ words: [], input: `${lines.join("\n")}\n` });
  check(
    ["nix", "repl"],
    [
      { ...typed('s = "a', '"; t = 3', "s", "t"), out: '"a\\n"\n3\n' },
      { ...typed("x =", "  1", "x", ":p {", "a = 2; }"), out: "1\n{ a = 2; }\n" },
      {
        ...typed("x = y"),
        err: "error: undefined variable 'y'\n       at «string»:1:5:\n            1| x = y\n",
      },
      { ...typed(":"), err: "error: unknown command ':'\n", status: 2 },
      { ...typed(":te foo"), err: "error: unexpected argument 'foo' to :te\n", status: 2 },
      { ...typed(":b 1"), err: "error: expression does not evaluate to a derivation, so I can't build it\n" },
      {
        ...typed(":l sub", ":r", "val"),
        out: "42\n",
        err: 'Added 1 variables.\nval\nLoading "sub"...\nAdded 1 variables.\nval\n',
      },
      {
        ...typed("f = /** Says what. */ a: a", ":doc f", ":doc { __functor = self: x: x; }", ":doc a: a"),
        out: "Function f\n… defined at «string»:1:23\n\nSays what.\nFunction __functor\n… defined at «string»:1:21\nFunction defined at «string»:1:1\n",
      },
      {
        words: ["--file", "a.nix"],
        input: "x\n",
        out: "1\n",
        err: "Loading installable ''...\nAdded 5 variables.\n\"a b\", f, x, y, z\n",
      },
      {
        words: ["--expr", "{ y.q = 4; }", "y"],
        input: "q\n",
        out: "4\n",
        err: "Loading installable 'y'...\n",
      },
      {
        words: [`path:${flake}#n`],
        input: "a\n",
        out: "1\n",
        err: `Loading installable 'path:${flake}#n'...\nAdded 1 variables.\na\n`,
      },
      { ...typed(`:lf path:${flake}`, "n"), out: "{ a = 1; }\n", err: "Added " },
    ],
  );
});
