/** Lists. Elements are evaluated only where a builtin's result depends on them. Manual: "Built-ins". */
import { Attrs } from "../attrs.ts";
import { ownPos } from "../call.ts";
import { peekSort } from "../peek-sort.ts";
import type { BuiltinFamily } from "../registry.ts";
import { type Evaluator, force, Lambda, noPos, type Pos, PrimOp, type Slot, type Value } from "../value.ts";

function anyOrAll(name: "any" | "all"): (ev: Evaluator, pos: Pos, f: Slot, list: Slot) => Value {
  const any = name === "any";
  const context = `while evaluating the return value of the function passed to builtins.${name}`;
  return (ev, pos, f, list) => {
    ev.forceFunction(f, pos, `while evaluating the first argument passed to builtins.${name}`);
    const elements = ev.forceList(
      list,
      pos,
      `while evaluating the second argument passed to builtins.${name}`,
    );
    for (let i = 0; i < elements.length; i++)
      if (ev.forceBool(ev.call(f, elements[i]!, pos), pos, context) === any) return any;
    return !any;
  };
}

function sort(ev: Evaluator, pos: Pos, comparator: Slot, list: Slot): Value {
  const elements = ev.forceList(list, pos, "while evaluating the second argument passed to builtins.sort");
  if (elements.length === 0) return elements;
  const f = ev.forceFunction(comparator, pos, "while evaluating the first argument passed to builtins.sort");
  const sorted: Slot[] = elements.map(force);
  // A sort by `lessThan` needs no calls.
  const less =
    f instanceof PrimOp && f.name === "lessThan"
      ? (a: Slot, b: Slot) =>
          ev.lessThan(a, b, noPos, "while evaluating the ordering function passed to builtins.sort")
      : (a: Slot, b: Slot) =>
          ev.forceBool(
            ev.call2(f, a, b, noPos),
            pos,
            "while evaluating the return value of the sorting function passed to builtins.sort",
          );
  peekSort(sorted, less);
  return sorted;
}

function concat(ev: Evaluator, pos: Pos, lists: readonly Slot[], context: string): Value {
  const filled: (readonly Slot[])[] = [];
  for (let i = 0; i < lists.length; i++) {
    const list = ev.forceList(lists[i]!, pos, context);
    if (list.length > 0) filled.push(list);
  }
  return joinLists(filled);
}

/** In one call for each so many lists: a function takes no more arguments than the stack has room for. */
const mostAtOnce = 1000;

function joinLists(lists: readonly (readonly Slot[])[]): readonly Slot[] {
  if (lists.length === 0) return [];
  if (lists.length === 1) return lists[0]!;
  const none: readonly Slot[] = [];
  if (lists.length <= mostAtOnce) return none.concat(...lists);
  const result: Slot[] = [];
  for (let i = 0; i < lists.length; i++) {
    const list = lists[i]!;
    for (let j = 0; j < list.length; j++) result.push(list[j]!);
  }
  return result;
}

export const listBuiltins: BuiltinFamily = {
  functions: [
    {
      name: "all",
      args: ["pred", "list"],
      doc: "Whether the function gives `true` for every element; stops at the first for which it does not.",
      fn: anyOrAll("all"),
    },
    {
      name: "any",
      args: ["pred", "list"],
      doc: "Whether the function gives `true` for an element; stops at the first for which it does.",
      fn: anyOrAll("any"),
    },
    {
      name: "concatLists",
      args: ["lists"],
      doc: "The elements of all lists of a list, in one list.",
      fn: (ev, pos, lists) =>
        concat(
          ev,
          pos,
          ev.forceList(lists, pos, "while evaluating the first argument passed to builtins.concatLists"),
          "while evaluating a value of the list passed to builtins.concatLists",
        ),
    },
    {
      name: "concatMap",
      args: ["f", "list"],
      doc: "The elements of all lists that the function makes of the elements.",
      fn: (ev, pos, f, list) => {
        ev.forceFunction(f, pos, "while evaluating the first argument passed to builtins.concatMap");
        const elements = ev.forceList(
          list,
          pos,
          "while evaluating the second argument passed to builtins.concatMap",
        );
        const parts: (readonly Slot[])[] = [];
        const place = ownPos(f);
        for (let i = 0; i < elements.length; i++) {
          const list = ev.call(f, elements[i]!, pos);
          const part = ev.forceList(
            list,
            list instanceof Lambda ? ownPos(list) : place,
            "while evaluating the return value of the function passed to builtins.concatMap",
          );
          if (part.length > 0) parts.push(part);
        }
        return joinLists(parts);
      },
    },
    {
      name: "elem",
      args: ["x", "xs"],
      doc: "Whether a value equal to the first argument is in the list.",
      fn: (ev, pos, x, list) => {
        const elements = ev.forceList(
          list,
          pos,
          "while evaluating the second argument passed to builtins.elem",
        );
        for (let i = 0; i < elements.length; i++)
          if (
            ev.equal(
              x,
              elements[i]!,
              pos,
              "while searching for the presence of the given element in the list",
            )
          )
            return true;
        return false;
      },
    },
    {
      name: "elemAt",
      args: ["xs", "n"],
      doc: "The element of that number, counted from 0.",
      fn: (ev, pos, list, n) => {
        const index = ev.forceInt(n, pos, "while evaluating the second argument passed to 'builtins.elemAt'");
        const elements = ev.forceList(
          list,
          pos,
          "while evaluating the first argument passed to 'builtins.elemAt'",
        );
        if (index < 0 || index >= elements.length)
          throw ev.error(
            `'builtins.elemAt' called with index ${index} on a list of size ${elements.length}`,
            pos,
          );
        return force(elements[Number(index)]!);
      },
    },
    {
      name: "filter",
      args: ["f", "list"],
      doc: "The elements for which the function gives `true`.",
      fn: (ev, pos, f, list) => {
        const elements = ev.forceList(
          list,
          pos,
          "while evaluating the second argument passed to builtins.filter",
        );
        if (elements.length === 0) return elements;
        ev.forceFunction(f, pos, "while evaluating the first argument passed to builtins.filter");
        const kept = elements.filter((element) =>
          ev.forceBool(
            ev.call(f, element, noPos),
            pos,
            "while evaluating the return value of the filtering function passed to builtins.filter",
          ),
        );
        return kept.length === elements.length ? elements : kept;
      },
    },
    {
      name: "foldl'",
      args: ["op", "nul", "list"],
      doc: "Combines the elements from the left: `op (op nul e0) e1`, …; each result is evaluated before the next.",
      fn: (ev, pos, op, nul, list) => {
        ev.forceFunction(op, pos, "while evaluating the first argument passed to builtins.foldlStrict");
        const elements = ev.forceList(
          list,
          pos,
          "while evaluating the third argument passed to builtins.foldlStrict",
        );
        let result = nul;
        for (let i = 0; i < elements.length; i++) result = ev.call2(op, result, elements[i]!, pos);
        return force(result);
      },
    },
    {
      name: "genList",
      args: ["generator", "length"],
      doc: "The list of what the function makes of 0, 1, … up to the length less one.",
      fn: (ev, pos, f, n) => {
        const length = ev.forceInt(n, pos, "while evaluating the second argument passed to builtins.genList");
        if (length < 0) throw ev.error(`cannot create list of size ${length}`, pos);
        ev.forceFunction(f, noPos, "while evaluating the first argument passed to builtins.genList");
        if (length > 0x7fffffff) throw ev.error(`cannot create list of size ${length}: out of memory`, pos);
        const numbers: Slot[] = [];
        for (let i = 0; i < length; i++) numbers.push(i);
        return ev.callEachLater(f, numbers, noPos);
      },
    },
    {
      name: "groupBy",
      args: ["f", "list"],
      doc: "A set of lists: each element stands in the list under the name that the function gives for it.",
      fn: (ev, pos, f, list) => {
        ev.forceFunction(f, pos, "while evaluating the first argument passed to builtins.groupBy");
        const elements = ev.forceList(
          list,
          pos,
          "while evaluating the second argument passed to builtins.groupBy",
        );
        const groups = new Map<string, Slot[]>();
        for (const element of elements) {
          const name = ev.forceStringNoContext(
            ev.call(f, element, pos),
            pos,
            "while evaluating the return value of the grouping function passed to builtins.groupBy",
          );
          const group = groups.get(name);
          if (group === undefined) groups.set(name, [element]);
          else group.push(element);
        }
        const names = [...groups.keys()].sort();
        return Attrs.fromSorted(
          names,
          names.map((name) => groups.get(name)!),
        );
      },
    },
    {
      name: "head",
      args: ["list"],
      doc: "The first element.",
      fn: (ev, pos, list) => {
        const elements = ev.forceList(
          list,
          pos,
          "while evaluating the first argument passed to 'builtins.head'",
        );
        if (elements.length === 0) throw ev.error("'builtins.head' called on an empty list", pos);
        return force(elements[0]!);
      },
    },
    {
      name: "length",
      args: ["e"],
      doc: "The number of elements.",
      fn: (ev, pos, list) =>
        ev.forceList(list, pos, "while evaluating the first argument passed to builtins.length").length,
    },
    {
      name: "map",
      args: ["f", "list"],
      global: true,
      doc: "The list of what the function makes of each element.",
      fn: (ev, pos, f, list) => {
        const elements = ev.forceList(
          list,
          pos,
          "while evaluating the second argument passed to builtins.map",
        );
        if (elements.length === 0) return elements;
        ev.forceFunction(f, pos, "while evaluating the first argument passed to builtins.map");
        return ev.callEachLater(f, elements.slice(), noPos);
      },
    },
    {
      name: "partition",
      args: ["pred", "list"],
      doc: "The elements for which the function gives `true` as `right`, the others as `wrong`.",
      fn: (ev, pos, f, list) => {
        ev.forceFunction(f, pos, "while evaluating the first argument passed to builtins.partition");
        const elements = ev.forceList(
          list,
          pos,
          "while evaluating the second argument passed to builtins.partition",
        );
        const right: Slot[] = [];
        const wrong: Slot[] = [];
        for (const element of elements) {
          force(element);
          const yes = ev.forceBool(
            ev.call(f, element, pos),
            pos,
            "while evaluating the return value of the partition function passed to builtins.partition",
          );
          (yes ? right : wrong).push(element);
        }
        return Attrs.fromSorted(["right", "wrong"], [right, wrong]);
      },
    },
    {
      name: "sort",
      args: ["comparator", "list"],
      doc: "The sorted list. `comparator a b` says whether `a` must stand before `b`; equals keep their order.",
      fn: sort,
    },
    {
      name: "tail",
      args: ["list"],
      doc: "All elements but the first. Copies the list.",
      fn: (ev, pos, list) => {
        const elements = ev.forceList(
          list,
          pos,
          "while evaluating the first argument passed to 'builtins.tail'",
        );
        if (elements.length === 0) throw ev.error("'builtins.tail' called on an empty list", pos);
        return elements.slice(1);
      },
    },
  ],
};
