/** Path arithmetic on absolute byte-string paths, without looking at any file. */
import type { ByteString } from "../format/bytes.ts";

/** Absolute path without `.`, `..`, empty components and trailing slash. `..` of the root is the root. */
export function canonPath(path: ByteString): ByteString {
  // Most paths are canonical already.
  if (!/\/\/|\/\.|\/$/.test(path)) return path;
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
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}
