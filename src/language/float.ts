/** Floats as text: as C++ streams print them (`%g`, six digits), and as `toString` does (`%f`). */

/** `1e+06`, `0.1`, `3.14159`, `nan`, `inf`: six significant digits, trailing zeros removed. */
export function showFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa, exponentText] = value.toExponential(5).split("e") as [string, string];
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) {
    const digits = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
    const magnitude = Math.abs(exponent);
    return `${digits}e${exponent < 0 ? "-" : "+"}${magnitude < 10 ? "0" : ""}${magnitude}`;
  }
  const fixed = value.toFixed(5 - exponent);
  return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
}

/** Six digits after the point, as `toString 1.5` gives `1.500000`. */
export function showFloatFixed(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  // toFixed falls back to exponents from 1e21 on; such floats are integers.
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.000000`;
  const fixed = value.toFixed(6);
  return Object.is(value, -0) || (value < 0 && !fixed.startsWith("-"))
    ? `-${fixed.replace(/^-/, "")}`
    : fixed;
}
