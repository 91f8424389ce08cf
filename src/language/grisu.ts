/**
 * Digits of a float by Grisu2 (Florian Loitsch, "Printing Floating-Point Numbers Quickly and Accurately with
 * Integers", 2010), for JSON.
 *
 * Grisu2 nearly always finds the shortest digits that read back as the same float, and sometimes ones more or not the
 * nearest ones. Nix's JSON library uses it, so its answer, not the best one, is right here. 64-bit numbers are BigInts.
 */

/** A significand and a binary exponent: `f * 2 ** e`. */
interface Scaled {
  readonly f: bigint;
  readonly e: number;
}

const mask64 = (1n << 64n) - 1n;
const view = new DataView(new ArrayBuffer(8));

function normalize(value: Scaled): Scaled {
  const shift = 64 - value.f.toString(2).length;
  return { f: value.f << BigInt(shift), e: value.e - shift };
}

/** The upper half of the product, rounded. */
function multiply(x: Scaled, y: Scaled): Scaled {
  return { f: ((x.f * y.f + (1n << 63n)) >> 64n) & mask64, e: x.e + y.e + 64 };
}

const powers = new Map<number, Scaled>();

/** The 64-bit float nearest to `10 ** k`. */
function powerOfTen(k: number): Scaled {
  let known = powers.get(k);
  if (known === undefined) {
    // Enough bits before rounding for every k there is.
    const extra = 1200n;
    const exact = k >= 0 ? (10n ** BigInt(k)) << extra : (1n << (2n * extra)) / 10n ** BigInt(-k);
    const scale = k >= 0 ? Number(extra) : 2 * Number(extra);
    const drop = exact.toString(2).length - 64;
    let f = (exact + (1n << BigInt(drop - 1))) >> BigInt(drop);
    let e = drop - scale;
    if (f > mask64) {
      f >>= 1n;
      e++;
    }
    known = { f, e };
    powers.set(k, known);
  }
  return known;
}

/** A positive finite float as digits and the power of ten that the last of them stands for. */
export function shortestDigits(value: number): { digits: string; exponent: number } {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const fraction = bits & ((1n << 52n) - 1n);
  const biased = Number(bits >> 52n);
  const v: Scaled =
    biased === 0 ? { f: fraction, e: -1074 } : { f: fraction | (1n << 52n), e: biased - 1075 };
  // Below a power of two, floats lie closer together than above it.
  const closer = fraction === 0n && biased > 1;
  const upper = normalize({ f: 2n * v.f + 1n, e: v.e - 1 });
  const lowerRaw = closer ? { f: 4n * v.f - 1n, e: v.e - 2 } : { f: 2n * v.f - 1n, e: v.e - 1 };
  const lower = { f: lowerRaw.f << BigInt(lowerRaw.e - upper.e), e: upper.e };

  // A power of ten, of those 8 apart, that brings the exponent between -60 and -32.
  const need = -60 - upper.e - 1;
  const k = Math.trunc((need * 78913) / 2 ** 18) + (need > 0 ? 1 : 0);
  const power = -300 + Math.trunc((300 + k + 7) / 8) * 8;
  const cached = powerOfTen(power);
  const w = multiply(normalize(v), cached);
  const low = multiply(lower, cached).f + 1n;
  const high = multiply(upper, cached);
  return generate(low, w.f, high.f - 1n, BigInt(-high.e), -power);
}

/** Digits of a number between `low` and `high`, near `w`; all with `point` bits after the binary point. */
function generate(
  low: bigint,
  w: bigint,
  high: bigint,
  point: bigint,
  exponent: number,
): ReturnType<typeof shortestDigits> {
  const one = 1n << point;
  let delta = high - low;
  let distance = high - w;
  let whole = high >> point;
  let rest = high & (one - 1n);
  let digits = "";
  let left = whole.toString().length;
  let ten = 10n ** BigInt(left - 1);
  while (left > 0) {
    digits += whole / ten;
    whole %= ten;
    left--;
    const remaining = (whole << point) + rest;
    if (remaining <= delta)
      return { digits: round(digits, distance, delta, remaining, ten << point), exponent: exponent + left };
    ten /= 10n;
  }
  let places = 0;
  do {
    rest *= 10n;
    digits += rest >> point;
    rest &= one - 1n;
    places++;
    delta *= 10n;
    distance *= 10n;
  } while (rest > delta);
  return { digits: round(digits, distance, delta, rest, one), exponent: exponent - places };
}

/** Lowers the last digit as long as that comes nearer. */
function round(digits: string, distance: bigint, delta: bigint, remaining: bigint, unit: bigint): string {
  let last = Number(digits.at(-1));
  let rest = remaining;
  while (
    rest < distance &&
    delta - rest >= unit &&
    (rest + unit < distance || distance - rest > rest + unit - distance)
  ) {
    last--;
    rest += unit;
  }
  return digits.slice(0, -1) + last;
}
