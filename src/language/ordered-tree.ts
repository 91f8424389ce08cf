/**
 * A red-black tree of keys that only a `less` orders: the set behind `builtins.genericClosure`.
 *
 * Which keys a new one is compared with, and in which order, shows in Nix's error when two cannot be compared; so this
 * is the insertion of the usual red-black tree (Cormen et al., "Introduction to Algorithms"), as C++ libraries have it.
 */

interface Node<K, V> {
  readonly key: K;
  readonly value: V;
  red: boolean;
  left: Node<K, V> | undefined;
  right: Node<K, V> | undefined;
  parent: Node<K, V> | undefined;
}

export class OrderedTree<K, V> {
  readonly #less: (a: K, b: K) => boolean;
  #root: Node<K, V> | undefined;

  /** @param less may throw */
  constructor(less: (a: K, b: K) => boolean) {
    this.#less = less;
  }

  /** False if an equal key is there already. */
  add(key: K, value: V): boolean {
    let parent: Node<K, V> | undefined;
    let wentLeft = true;
    // The last node on the way that is not after the key: the only one that can equal it.
    let before: Node<K, V> | undefined;
    for (let at = this.#root; at !== undefined; ) {
      parent = at;
      wentLeft = this.#less(key, at.key);
      if (wentLeft) at = at.left;
      else {
        before = at;
        at = at.right;
      }
    }
    if (before !== undefined && !this.#less(before.key, key)) return false;
    const node: Node<K, V> = { key, value, red: true, left: undefined, right: undefined, parent };
    if (parent === undefined) this.#root = node;
    else if (wentLeft) parent.left = node;
    else parent.right = node;
    this.#balance(node);
    return true;
  }

  /** In the order of the keys. */
  *entries(): Generator<readonly [K, V]> {
    const path: Node<K, V>[] = [];
    for (let at = this.#root; at !== undefined || path.length > 0; at = at.right) {
      for (; at !== undefined; at = at.left) path.push(at);
      at = path.pop()!;
      yield [at.key, at.value];
    }
  }

  #balance(added: Node<K, V>): void {
    let node = added;
    while (node.parent?.red === true) {
      let parent = node.parent;
      const grandparent = parent.parent!;
      const isLeft = parent === grandparent.left;
      const uncle = isLeft ? grandparent.right : grandparent.left;
      if (uncle?.red === true) {
        parent.red = false;
        uncle.red = false;
        grandparent.red = true;
        node = grandparent;
        continue;
      }
      if (node === (isLeft ? parent.right : parent.left)) {
        node = parent;
        this.#rotate(node, isLeft);
        parent = node.parent!;
      }
      parent.red = false;
      grandparent.red = true;
      this.#rotate(grandparent, !isLeft);
    }
    this.#root!.red = false;
  }

  /** The node's right (or left) child takes its place, and it becomes that one's left (or right) child. */
  #rotate(node: Node<K, V>, toLeft: boolean): void {
    const child = (toLeft ? node.right : node.left)!;
    const moved = toLeft ? child.left : child.right;
    if (toLeft) node.right = moved;
    else node.left = moved;
    if (moved !== undefined) moved.parent = node;
    child.parent = node.parent;
    if (node.parent === undefined) this.#root = child;
    else if (node === node.parent.left) node.parent.left = child;
    else node.parent.right = child;
    if (toLeft) child.left = node;
    else child.right = node;
    node.parent = child;
  }
}
