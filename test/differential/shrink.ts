/** Smaller trees from a tree: a subexpression in its place, a simpler leaf, a list without an element. */
import { enclosed, leaf, type Tree } from "./grammar.ts";

const simple = ["null", "x", '""', "[ ]", "{ }"];

/** In the order to try: the boldest first. Bounded. */
export function shrinks(tree: Tree): Tree[] {
  const result: Tree[] = [];
  for (const descendant of descendants(tree)) result.push(descendant);
  collect(tree, (smaller) => smaller, result);
  return result.slice(0, 400);
}

function* descendants(tree: Tree): Generator<Tree> {
  for (const child of tree.children) if (!child.isList) yield child;
  for (const child of tree.children) yield* descendants(child);
}

function collect(tree: Tree, rebuild: (smaller: Tree) => Tree, result: Tree[]): void {
  tree.children.forEach((child, i) => {
    const replace = (smaller: Tree): Tree =>
      rebuild({ ...tree, children: tree.children.map((old, j) => (j === i ? smaller : old)) });
    if (tree.isList)
      result.push(
        rebuild({
          ...tree,
          text: tree.text.filter((_, j) => j !== i + 1),
          children: tree.children.filter((_, j) => j !== i),
        }),
      );
    if (!child.isList) {
      for (const grandchild of child.children)
        if (!grandchild.isList) result.push(replace(enclosed(grandchild)));
      if (child.children.length > 0 || !simple.includes(child.text[0]!))
        for (const text of simple) result.push(replace(leaf(text)));
    }
    collect(child, replace, result);
  });
}
