/**
 * What Nix's parser warns of: literals that settings forbid or discourage (`lint-url-literals` and its brothers, all
 * `ignore` unless set), and `or` as a name where a later Nix will read it otherwise (always).
 *
 * Manual: "nix.conf", `lint-*`.
 */
import type { ByteString } from "../format/bytes.ts";
import { EvaluationError } from "./errors.ts";
import type { PositionTable } from "./position.ts";
import { printWarning } from "./print-error.ts";
import type { EvaluatorSettings, Pos } from "./value.ts";

export type LintKind = "or-identifier" | "url-literal" | "short-path" | "absolute-path" | "home-path";

export type LintLevel = "ignore" | "warn" | "fatal";

interface Judge {
  readonly positions: PositionTable;
  readonly settings: EvaluatorSettings;
  readonly world: { message(text: ByteString): void };
}

/** Warns of a literal, if it must be warned of. @throws EvaluationError where the setting is `fatal` */
export function lint(judge: Judge, kind: LintKind, literal: ByteString, pos: Pos): void {
  const { settings, positions, world } = judge;
  if (kind === "or-identifier") {
    world.message(
      `warning: at ${positions.show(pos)}: This expression uses \`or\` as an identifier in a way that will change in a future Nix release.\n` +
        `Wrap this entire expression in parentheses to preserve its current meaning:\n    (${literal})\n` +
        "Give feedback at https://github.com/NixOS/nix/pull/11121",
    );
    return;
  }
  const [setting, level] = levelOf(kind, settings);
  if (level === "ignore") return;
  const message = `${describe(kind, literal, level === "fatal")} (${setting})`;
  if (level === "fatal") throw new EvaluationError("parse", message, pos);
  world.message(printWarning(judge, message, pos));
}

function levelOf(kind: LintKind, settings: EvaluatorSettings): [string, LintLevel] {
  switch (kind) {
    case "url-literal":
      return ["lint-url-literals", settings.lintUrlLiterals];
    case "short-path":
      return ["lint-short-path-literals", settings.lintShortPathLiterals];
    default:
      return ["lint-absolute-path-literals", settings.lintAbsolutePathLiterals];
  }
}

function describe(kind: LintKind, literal: ByteString, fatal: boolean): ByteString {
  switch (kind) {
    case "url-literal":
      return `URL literals are ${fatal ? "disallowed" : "discouraged"}. Consider using a string literal "${literal}" instead`;
    case "short-path":
      return `relative path literal '${literal}' should be prefixed with '.' for clarity: './${literal}'`;
    default:
      return `${kind === "home-path" ? "home" : "absolute"} path literals are not portable. Consider replacing path literal '${literal}' by a string, relative path, or parameter`;
  }
}
