/**
 * "syntax error, unexpected …, expecting …", word for word as Nix says it.
 *
 * Nix's parser is generated (LALR(1), with default reductions), and what it calls expected follows from its tables, not
 * from the grammar alone: after a finished expression it has already reduced as far as it goes without looking, so that
 * `{ a = 1 }` expects `;` and not every operator there is. So when our own parser has failed, the tables are made here
 * from the same grammar, the text is read once more, and the answer is theirs. That takes some milliseconds, which only
 * an error costs.
 */
import type { ByteString } from "../format/bytes.ts";
import { EvaluationError } from "./errors.ts";
import { type AutomatonTables, makeTables } from "./lalr.ts";
import { Lexer } from "./lexer.ts";
import { T, type TokenKind } from "./token.ts";
import type { Pos } from "./value.ts";

/** Terminals in the order of their numbers: [kind, name in the grammar, name in messages]. The order is the messages'. */
const terminals: readonly (readonly [TokenKind, string, string])[] = [
  [T.end, "$end", "end of file"],
  [T.invalid, "$undefined", "invalid token"],
  [T.identifier, "ID", "identifier"],
  [T.string, "STR", "string"],
  [T.indentedString, "IND_STR", "indented string"],
  [T.integer, "INT", "integer"],
  [T.float, "FLOAT", "floating-point literal"],
  [T.path, "PATH", "path"],
  [T.homePath, "HPATH", "'~/\xe2\x80\xa6' path"],
  [T.searchPath, "SPATH", "'<\xe2\x80\xa6>' path"],
  [T.pathEnd, "PATH_END", "end of path"],
  [T.uri, "URI", "URI"],
  [T.if, "if", "'if'"],
  [T.then, "then", "'then'"],
  [T.else, "else", "'else'"],
  [T.assert, "assert", "'assert'"],
  [T.with, "with", "'with'"],
  [T.let, "let", "'let'"],
  [T.in, "in", "'in'"],
  [T.rec, "rec", "'rec'"],
  [T.inherit, "inherit", "'inherit'"],
  [T.equal, "==", "'=='"],
  [T.notEqual, "!=", "'!='"],
  [T.lessEqual, "<=", "'<='"],
  [T.greaterEqual, ">=", "'>='"],
  [T.update, "//", "'//'"],
  [T.concat, "++", "'++'"],
  [T.and, "&&", "'&&'"],
  [T.or, "||", "'||'"],
  [T.implies, "->", "'->'"],
  [T.orKeyword, "or", "'or'"],
  [T.pipeFrom, "<|", "'<|'"],
  [T.pipeInto, "|>", "'|>'"],
  [T.dollarCurly, "DOLLAR_CURLY", "'${'"],
  [T.indentedOpen, "IND_OPEN", "start of an indented string"],
  [T.indentedClose, "IND_CLOSE", "end of an indented string"],
  [T.ellipsis, "...", "'...'"],
  [T.less, "<", "'<'"],
  [T.greater, ">", "'>'"],
  [T.not, "!", "'!'"],
  [T.plus, "+", "'+'"],
  [T.minus, "-", "'-'"],
  [T.star, "*", "'*'"],
  [T.slash, "/", "'/'"],
  [T.question, "?", "'?'"],
  [T.colon, ":", "':'"],
  [T.at, "@", "'@'"],
  [T.semicolon, ";", "';'"],
  [T.dot, ".", "'.'"],
  [T.quote, '"', "'\"'"],
  [T.parenOpen, "(", "'('"],
  [T.parenClose, ")", "')'"],
  [T.braceOpen, "{", "'{'"],
  [T.braceClose, "}", "'}'"],
  [T.bracketOpen, "[", "'['"],
  [T.bracketClose, "]", "']'"],
  [T.assign, "=", "'='"],
  [T.comma, ",", "','"],
];

/** Weakest first. */
const precedences = [
  ["right", "->"],
  ["left", "||"],
  ["left", "&&"],
  ["nonassoc", "==", "!="],
  ["nonassoc", "<", ">", "<=", ">="],
  ["right", "//"],
  ["left", "NOT"],
  ["left", "+", "-"],
  ["left", "*", "/"],
  ["right", "++"],
  ["nonassoc", "?"],
  ["nonassoc", "NEGATE"],
] as const;

/** `left: right | right …`; `%X` at the end gives a rule the precedence of X; `%empty` is nothing. */
const grammar = [
  "start: function",
  "expr: function",
  "function: ID : function | formal_set : function | formal_set @ ID : function | ID @ formal_set : function",
  "function: assert expr ; function | with expr ; function | let binds in function | if_expr",
  "if_expr: if expr then expr else expr | pipe_from | pipe_into | op",
  "pipe_from: op <| pipe_from | op <| op",
  "pipe_into: pipe_into |> op | op |> op",
  "op: ! op %NOT | - op %NEGATE | op == op | op != op | op < op | op <= op | op > op | op >= op",
  "op: op && op | op || op | op -> op | op // op | op ? attrpath | op + op | op - op | op * op | op / op | op ++ op",
  "op: app",
  "app: app select | select",
  "select: simple . attrpath | simple . attrpath or select | simple or | simple",
  'simple: ID | INT | FLOAT | " string_parts " | IND_OPEN ind_parts IND_CLOSE | path_start PATH_END',
  "simple: path_start interpolated PATH_END | SPATH | URI | ( expr ) | let { binds } | rec { binds }",
  "simple: { binds1 } | { } | [ list ]",
  "string_parts: STR | interpolated | %empty",
  "interpolated: interpolated STR | interpolated DOLLAR_CURLY expr } | DOLLAR_CURLY expr } | STR DOLLAR_CURLY expr }",
  "path_start: PATH | HPATH",
  "ind_parts: ind_parts IND_STR | ind_parts DOLLAR_CURLY expr } | %empty",
  "binds: binds1 | %empty",
  "binds1: binds1 attrpath = expr ; | binds inherit attrs ; | binds inherit ( expr ) attrs ; | attrpath = expr ;",
  "attrs: attrs attr | attrs string_attr | %empty",
  "attrpath: attrpath . attr | attrpath . string_attr | attr | string_attr",
  "attr: ID | or",
  'string_attr: " string_parts " | DOLLAR_CURLY expr }',
  "list: list select | %empty",
  "formal_set: { formals , ... } | { ... } | { formals , } | { formals } | { }",
  "formals: formals , formal | formal",
  "formal: ID | ID ? expr",
];

let tables: AutomatonTables | undefined;

/** All tokens of a text, with the offsets at which they begin; what the parser does by its own state is done here. */
function* tokens(text: ByteString, base: Pos): Generator<{ kind: TokenKind; start: number }> {
  const lexer = new Lexer(text, base);
  // Where they are no operators, the parser's own lexer has said so.
  lexer.pipes = true;
  const modes: ("text" | "string" | "indented" | "path")[] = ["text"];
  for (;;) {
    let kind: TokenKind;
    switch (modes[modes.length - 1]!) {
      case "string":
        kind = lexer.nextStringPart();
        if (kind === T.quote) modes.pop();
        break;
      case "indented":
        kind = lexer.nextIndentedPart();
        if (kind === T.indentedClose) modes.pop();
        break;
      case "path":
        kind = lexer.nextPathPart();
        if (kind === T.pathEnd) modes.pop();
        break;
      default:
        kind = lexer.next();
        if (kind === T.quote) modes.push("string");
        else if (kind === T.indentedOpen) modes.push("indented");
        else if (kind === T.path || kind === T.homePath) modes.push("path");
        else if (kind === T.braceOpen) modes.push("text");
        else if (kind === T.braceClose && modes.length > 1) modes.pop();
    }
    if (kind === T.dollarCurly) modes.push("text");
    yield { kind, start: lexer.start };
    if (kind === T.end) return;
  }
}

/** The error for a text that does not parse. @param offset where our own parser stopped, should theirs not stop */
export function syntaxError(text: ByteString, base: Pos, offset: number): EvaluationError {
  tables ??= makeTables(
    terminals.map(([, name]) => name),
    precedences,
    grammar,
  );
  const numbers = new Map(terminals.map(([kind], i) => [kind, i]));
  const states = [0];
  for (const { kind, start } of tokens(text, base)) {
    const terminal = numbers.get(kind)!;
    for (;;) {
      const state = tables.states[states[states.length - 1]!]!;
      const action = state.actions.get(terminal) ?? state.defaultAction;
      if (action.kind === "shift") {
        states.push(action.state);
        break;
      }
      if (action.kind === "reduce") {
        const rule = tables.rules[action.rule]!;
        if (rule.right.length > 0) states.length -= rule.right.length;
        states.push(tables.states[states[states.length - 1]!]!.gotos.get(rule.left)!);
        continue;
      }
      if (action.kind === "accept") break;
      const expected = [...state.actions]
        .filter(([, { kind: what }]) => what !== "error")
        .map(([number]) => number)
        .sort((a, b) => a - b);
      let message = `syntax error, unexpected ${terminals[terminal]![2]}`;
      if (expected.length > 0 && expected.length <= 4) {
        message += `, expecting ${expected.map((number) => terminals[number]![2]).join(" or ")}`;
      }
      return new EvaluationError("parse", message, base + start);
    }
  }
  return new EvaluationError("parse", "syntax error", base + offset);
}
