/** Names in Git repositories: what may be a branch or tag, and what a commit. Manual: git-check-ref-format. */

/** Git's rules for names of branches and tags, so that none can be taken for an option. */
export function isLegalRefName(name: string): boolean {
  if (name === "" || name === "@" || /^[-/.]|[/.]$|\.lock$/.test(name)) return false;
  return !/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock\//.test(name);
}

/** The full hash of a commit (SHA-1, base 16). */
export function isCommitHash(text: string): boolean {
  return /^[0-9a-fA-F]{40}$/.test(text);
}
