/**
 * Floats as text: as C++ streams print them (`%g`, six digits), and as `toString` does (`%f`).
 *
 * C rounds what lies exactly between two neighbours to the even one, JavaScript away from zero: 123456.5 is the test.
 */

/** `value` in scientific notation with that many digits after the point, ties to even. Not negative, finite. */
function exponential(value: number, fractionDigits: number): { digits: string; exponent: number } {
  const [mantissa, exponentText] = value.toExponential(fractionDigits).split("e") as [string, string];
  const rounded = { digits: mantissa.replace(".", ""), exponent: Number(exponentText) };
  const [exact, exactExponent] = value.toExponential(100).split("e") as [string, string];
  const all = exact.replace(".", "");
  if (!/^50*$/.test(all.slice(fractionDigits + 1))) return rounded;
  const truncated = all.slice(0, fractionDigits + 1);
  // A digit's code is even when the digit is.
  return truncated.charCodeAt(truncated.length - 1) % 2 === 0
    ? { digits: truncated, exponent: Number(exactExponent) }
    : rounded;
}

/** `1e+06`, `0.1`, `3.14159`, `-nan`, `inf`: six significant digits, trailing zeros removed. */
export function showFloat(value: number): string {
  // What arithmetic makes of two infinities has its sign bit set on the machines Nix runs on.
  if (Number.isNaN(value)) return "-nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const sign = value < 0 ? "-" : "";
  const { digits: all, exponent } = exponential(Math.abs(value), 5);
  const digits = all.replace(/0+$/, "");
  if (exponent < -4 || exponent >= 6) {
    const magnitude = String(Math.abs(exponent)).padStart(2, "0");
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? "-" : "+"}${magnitude}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = digits.slice(exponent + 1);
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Six digits after the point, as `toString 1.5` gives `1.500000`. */
export function showFloatFixed(value: number): string {
  // What arithmetic makes of two infinities has its sign bit set on the machines Nix runs on.
  if (Number.isNaN(value)) return "-nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const magnitude = Math.abs(value);
  // toFixed falls back to exponents from 1e21 on; such floats are integers.
  if (magnitude >= 1e21) return `${sign}${BigInt(magnitude)}.000000`;
  const fixed = magnitude.toFixed(6);
  // Only a multiple of 2^-7 can lie between two neighbours.
  if ((magnitude * 128) % 1 !== 0) return sign + fixed;
  const exact = magnitude.toFixed(20);
  const cut = exact.length - 14;
  if (!/^50*$/.test(exact.slice(cut))) return sign + fixed;
  return sign + (exact.charCodeAt(cut - 1) % 2 === 0 ? exact.slice(0, cut) : fixed);
}
