/**
 * The bash script that turns a derivation's environment into a shell.
 *
 * It does what the manual says of nix-shell: the user's `~/.bashrc` (unless pure), `$stdenv/setup` with an empty PATH,
 * the old PATH behind the new one, `shellHook`, then the command or a prompt. Ours besides: the user's own prompt
 * stays, with a mark in front (nix-shell's prompt under nix-shell's name), and the host's Python settings are gone.
 */
import { shellQuote } from "./quote.ts";

export interface RcFile {
  /** Removed when the shell ends. */
  readonly temporaryDirectory: string;
  readonly pure: boolean;
  /** Absolute path of the bash that reads this. */
  readonly bash: string;
  /** Shell code that declares the derivation's structured attributes; empty without them. */
  readonly structuredAttributes: string;
  /** Run in the environment, then leave with its status; undefined: a prompt. */
  readonly command: string | undefined;
  /** `nix`: nix-shell's prompt; otherwise this mark stands before the user's own prompt. */
  readonly prompt:
    | { readonly kind: "nix"; readonly root: boolean }
    | { readonly kind: "mark"; readonly text: string };
  /** Variables of the host that must not come back through `~/.bashrc`. */
  readonly unset: readonly string[];
  /** TZ of the host: setup scripts set their own. */
  readonly timeZone: string | undefined;
  /** Soft limit of the stack for programs of the shell, as `ulimit -s` takes it. */
  readonly stackLimit: string | undefined;
  /** Instead of `$stdenv/setup`: a captured result of it. */
  readonly captured?: string | undefined;
}

export function rcFileText(rc: RcFile): string {
  const clean = `command rm -rf -- ${shellQuote(rc.temporaryDirectory)}`;
  const bashDirectory = rc.bash.slice(0, rc.bash.lastIndexOf("/"));
  const lines: string[] = [];
  const add = (...more: string[]) => lines.push(...more);
  if (rc.stackLimit !== undefined) add(`ulimit -S -s ${shellQuote(rc.stackLimit)} 2>/dev/null`);
  add(
    `_nix_shell_clean_tmpdir() { ${clean}; }`,
    "trap _nix_shell_clean_tmpdir EXIT",
    "exitHooks+=(_nix_shell_clean_tmpdir)",
    "failureHooks+=(_nix_shell_clean_tmpdir)",
  );
  if (!rc.pure) {
    add('if [ -n "$PS1" ] && [ -e ~/.bashrc ]; then source ~/.bashrc; fi');
    if (rc.unset.length > 0) add(`unset ${rc.unset.join(" ")}`);
    add("_bruma_host_path=$PATH");
  }
  add("unset PATH", "dontAddDisableDepTrack=1");
  if (rc.structuredAttributes !== "") add(rc.structuredAttributes);
  add(rc.captured ?? '[ -e "$stdenv/setup" ] && source "$stdenv/setup"');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: bash expands it
  if (!rc.pure) add("PATH=${PATH:+$PATH:}$_bruma_host_path", "unset _bruma_host_path");
  add(
    `PATH=${shellQuote(bashDirectory)}\${PATH:+:$PATH}`,
    "export PATH",
    `SHELL=${shellQuote(rc.bash)}`,
    `BASH=${shellQuote(rc.bash)}`,
    "set +e",
  );
  if (rc.prompt.kind === "nix") {
    const colour = rc.prompt.root ? 31 : 32;
    const prompt = `\\n\\[\\033[1;${colour}m\\][nix-shell:\\w]\\$\\[\\033[0m\\] `;
    add(`if [ -n "$PS1" ] && [ -z "$NIX_SHELL_PRESERVE_PROMPT" ]; then PS1='${prompt}'; fi`);
  } else {
    const mark = `\\[\\033[1;36m\\][${rc.prompt.text}]\\[\\033[0m\\] `;
    // A prompt that starts with line breaks keeps them in front of the mark.
    add(
      `if [ -n "$PS1" ] && [ -z "$NIX_SHELL_PRESERVE_PROMPT" ]; then case $PS1 in`,
      `  '\\n'*) PS1='\\n${mark}'"\${PS1#'\\n'}" ;;`,
      `  *) PS1='${mark}'"$PS1" ;;`,
      "esac; fi",
    );
  }
  add(
    rc.prompt.kind === "nix"
      ? 'if [ "$(type -t runHook)" = function ]; then runHook shellHook; fi'
      : // Without a stdenv, too.
        'if [ "$(type -t runHook)" = function ]; then runHook shellHook; elif [ -n "$shellHook" ]; then eval "$shellHook"; fi',
    "unset NIX_ENFORCE_PURITY",
    "shopt -u nullglob",
    "unset TZ",
  );
  if (rc.timeZone !== undefined) add(`export TZ=${shellQuote(rc.timeZone)}`);
  add("shopt -s execfail");
  if (rc.command !== undefined) add(rc.command, "exit");
  return `${lines.join("\n")}\n`;
}
