/**
 * The sorting algorithm of `builtins.sort`: PeekSort, a merge sort that finds runs while it splits (Munro and Wild,
 * "Nearly-Optimal Mergesorts", 2018), with insertion sort for up to 16 elements.
 *
 * Which pairs are compared, and in which order, is visible to a Nix program: through a comparator that is no order,
 * or one that fails. So this is the algorithm of Nix itself, decision by decision. It is stable.
 */

const insertionLimit = 16;

/** Sorts in place. `less(a, b)`: a must stand before b. */
export function peekSort<T>(items: T[], less: (a: T, b: T) => boolean): void {
  if (items.length < 2) return;
  if (items.length === 2) {
    if (less(items[1]!, items[0]!)) items.reverse();
    return;
  }
  new PeekSort(items, less).sort(0, items.length, 0, items.length);
}

class PeekSort<T> {
  readonly #items: T[];
  readonly #less: (a: T, b: T) => boolean;

  constructor(items: T[], less: (a: T, b: T) => boolean) {
    this.#items = items;
    this.#less = less;
  }

  /** Of `[begin, end)`, `[begin, leftRunEnd)` and `[rightRunBegin, end)` are known to be sorted. */
  sort(begin: number, end: number, leftRunEnd: number, rightRunBegin: number): void {
    if (leftRunEnd === end || rightRunBegin === begin) return;
    const length = end - begin;
    if (length <= insertionLimit) {
      this.#insertionSort(begin, end);
      return;
    }
    const middle = begin + Math.floor(length / 2);
    if (middle <= leftRunEnd) {
      this.sort(leftRunEnd, end, leftRunEnd + 1, rightRunBegin);
      this.#merge(begin, leftRunEnd, end);
      return;
    }
    if (middle >= rightRunBegin) {
      this.sort(begin, rightRunBegin, leftRunEnd, rightRunBegin - 1);
      this.#merge(begin, rightRunBegin, end);
      return;
    }
    const items = this.#items;
    let i: number;
    let j: number;
    if (!this.#less(items[middle]!, items[middle - 1]!)) {
      i = this.#suffix(leftRunEnd, middle, false);
      j = this.#prefix(middle - 1, rightRunBegin, false);
    } else {
      i = this.#suffix(leftRunEnd, middle, true);
      j = this.#prefix(middle - 1, rightRunBegin, true);
      for (let low = i, high = j - 1; low < high; low++, high--) {
        const item = items[low]!;
        items[low] = items[high]!;
        items[high] = item;
      }
    }
    if (i === begin && j === end) return;
    if (middle - i < j - middle) {
      this.sort(begin, i, leftRunEnd, i - 1);
      this.sort(i, end, j, rightRunBegin);
      this.#merge(begin, i, end);
    } else {
      this.sort(begin, j, leftRunEnd, i);
      this.sort(j, end, j + 1, rightRunBegin);
      this.#merge(begin, j, end);
    }
  }

  #insertionSort(begin: number, end: number): void {
    const items = this.#items;
    for (let current = begin + 1; current < end; current++) {
      for (let i = current; i > begin && this.#less(items[i]!, items[i - 1]!); i--) {
        const item = items[i]!;
        items[i] = items[i - 1]!;
        items[i - 1] = item;
      }
    }
  }

  /** End of the longest run from `begin`: strictly falling, or never falling. */
  #prefix(begin: number, end: number, falling: boolean): number {
    if (begin === end) return begin;
    let at = begin;
    while (at + 1 !== end && this.#less(this.#items[at + 1]!, this.#items[at]!) === falling) at++;
    return at + 1;
  }

  /** Start of the longest run up to `end`. */
  #suffix(begin: number, end: number, falling: boolean): number {
    if (begin === end) return end;
    let at = end;
    while (at - 1 > begin && this.#less(this.#items[at - 1]!, this.#items[at - 2]!) === falling) at--;
    return at - 1;
  }

  #merge(begin: number, middle: number, end: number): void {
    const items = this.#items;
    const left = items.slice(begin, middle);
    const right = items.slice(middle, end);
    let i = 0;
    let j = 0;
    let output = begin;
    while (i < left.length && j < right.length)
      items[output++] = this.#less(right[j]!, left[i]!) ? right[j++]! : left[i++]!;
    while (i < left.length) items[output++] = left[i++]!;
    while (j < right.length) items[output++] = right[j++]!;
  }
}
