/** Pictures of a closure: an indented tree, Graphviz's dot, GraphML; as `nix-store --query` prints them. */
import { toText } from "../format/bytes.ts";
import { type StorePath, storePathBaseName, storePathName } from "../format/store-path.ts";
import type { Store } from "../store/store.ts";

/** References first printed where they are deepest, so that the tree stays shallow; known paths end in `[...]`. */
export function treeText(store: Store, root: StorePath, done: Set<StorePath> = new Set()): string {
  const lines: string[] = [];
  const visit = (path: StorePath, first: string, rest: string): void => {
    if (done.has(path)) {
      lines.push(`${first}${toText(path)} [...]`);
      return;
    }
    done.add(path);
    lines.push(`${first}${toText(path)}`);
    const sorted = [...store.sortTopologically(store.pathInfo(path).references)].reverse();
    sorted.forEach((next, index) => {
      const last = index === sorted.length - 1;
      visit(next, `${rest}${last ? "└───" : "├───"}`, `${rest}${last ? "    " : "│   "}`);
    });
  };
  visit(root, "", "");
  return `${lines.join("\n")}\n`;
}

const colours = ["black", "red", "green", "blue", "magenta", "burlywood"];

export function dotText(store: Store, roots: readonly StorePath[]): string {
  const lines = ["digraph G {"];
  const done = new Set<StorePath>();
  const open = [...roots];
  let colour = 0;
  for (let path = open.shift(); path !== undefined; path = open.shift()) {
    if (done.has(path)) continue;
    done.add(path);
    const name = toText(storePathBaseName(path));
    const label = toText(storePathName(path));
    lines.push(`"${name}" [label = "${label}", shape = box, style = filled, fillcolor = "#ff0000"];`);
    for (const next of store.pathInfo(path).references) {
      if (next === path) continue;
      open.push(next);
      lines.push(
        `"${toText(storePathBaseName(next))}" -> "${name}" [color = "${colours[colour++ % colours.length]}"];`,
      );
    }
  }
  lines.push("}");
  return `${lines.join("\n")}\n`;
}

const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

export function graphMlText(store: Store, roots: readonly StorePath[]): string {
  const lines = [
    "<?xml version='1.0' encoding='utf-8'?>",
    "<graphml xmlns='http://graphml.graphdrawing.org/xmlns'",
    "    xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'",
    "    xsi:schemaLocation='http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd'>",
    "<key id='narSize' for='node' attr.name='narSize' attr.type='int'/>",
    "<key id='name' for='node' attr.name='name' attr.type='string'/>",
    "<key id='type' for='node' attr.name='type' attr.type='string'/>",
    "<graph id='G' edgedefault='directed'>",
  ];
  const done = new Set<StorePath>();
  const open = [...roots];
  for (let path = open.shift(); path !== undefined; path = open.shift()) {
    if (done.has(path)) continue;
    done.add(path);
    const info = store.pathInfo(path);
    const id = escapeXml(toText(storePathBaseName(path)));
    lines.push(
      `  <node id="${id}">`,
      `    <data key="narSize">${info.narSize}</data>`,
      `    <data key="name">${escapeXml(toText(storePathName(path)))}</data>`,
      `    <data key="type">${path.endsWith(".drv") ? "derivation" : "output-path"}</data>`,
      "  </node>",
    );
    for (const next of info.references) {
      if (next === path) continue;
      open.push(next);
      lines.push(`  <edge source="${id}" target="${escapeXml(toText(storePathBaseName(next)))}"/>`);
    }
  }
  lines.push("</graph>", "</graphml>");
  return `${lines.join("\n")}\n`;
}
