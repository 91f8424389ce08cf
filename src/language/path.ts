/** Path arithmetic on absolute byte-string paths, without looking at any file. */
import type { ByteString } from "../format/bytes.ts";

const slash = 47;

/** Most paths are canonical already. May say no to some that are (`/.git`). */
function isCanonical(path: ByteString): boolean {
  const last = path.length - 1;
  if (last === 0) return true;
  let before = 0;
  for (let i = 0; i <= last; i++) {
    const c = path.charCodeAt(i);
    if (before === slash && (c === slash || c === 46)) return false;
    before = c;
  }
  return before !== slash;
}

/** Absolute path without `.`, `..`, empty components and trailing slash. `..` of the root is the root. */
export function canonPath(path: ByteString): ByteString {
  if (isCanonical(path)) return path;
  const components: ByteString[] = [];
  for (const component of path.split("/")) {
    if (component === "" || component === ".") continue;
    if (component === "..") components.pop();
    else components.push(component);
  }
  return `/${components.join("/")}`;
}

export function baseName(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Parent directory; of the root, the root. */
export function dirName(path: ByteString): ByteString {
  const end = path.lastIndexOf("/");
  return end <= 0 ? "/" : path.slice(0, end);
}

/** What a path literal means: absolute, canonical, but the first part of an interpolated path keeps its slash. */
export function literalPath(base: ByteString, literal: ByteString): ByteString {
  const path = canonPath(literal.startsWith("/") ? literal : `${base}/${literal}`);
  return literal.length > 1 && literal.endsWith("/") ? `${path}/` : path;
}
