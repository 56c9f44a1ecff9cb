// Elements of an array as people read them.
import type { NumberFacts } from "./requests.ts";

const PER_SECOND = new Map([
  ["s", 1n],
  ["ms", 1_000n],
  ["us", 1_000_000n],
  ["ns", 1_000_000_000n],
]);
// What a Date of JavaScript can say.
const MAX_SECONDS = 8_640_000_000_000n;
const DIGITS_OF_FLOAT32 = 7;
const DIGITS_OF_FLOAT64 = 12;

/** A number with no more digits than mean something. */
export function formatNumber(value: number, digits = 6): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const scientific = size !== 0 && (size >= 1e9 || size < 1e-4);
  const format = new Intl.NumberFormat(undefined, {
    maximumSignificantDigits: digits,
    notation: scientific ? "scientific" : "standard",
  });
  return format.format(value);
}

/** One element; `brief` for ticks and legends, else with all of its digits. */
export function formatValue(value: number, facts: NumberFacts, brief = false): string {
  if (Number.isNaN(value))
    return facts.what === "time" || facts.what === "duration" ? "NaT" : "NaN";
  switch (facts.what) {
    case "bool":
      return value === 0 ? "false" : value === 1 ? "true" : formatNumber(value);
    case "integer":
      return Number.isInteger(value) || facts.base !== "0"
        ? integerOf(value, facts).toLocaleString()
        : formatNumber(value);
    case "time":
      return formatTime(integerOf(value, facts), facts.unit ?? "s");
    case "duration":
      return `${integerOf(value, facts).toLocaleString()} ${facts.unit ?? ""}`.trim();
    default: {
      const digits = facts.column === "float32" ? DIGITS_OF_FLOAT32 : DIGITS_OF_FLOAT64;
      const text = formatNumber(value, brief ? 4 : digits);
      return facts.what === "complex" && !brief ? `|z| = ${text}` : text;
    }
  }
}

function integerOf(value: number, { base = "0" }: NumberFacts): bigint {
  return BigInt(base) + BigInt(Math.round(value));
}

/** A count of seconds or their parts since 1970, as date and time. */
export function formatTime(count: bigint, unit: string): string {
  const per = PER_SECOND.get(unit) ?? 1n;
  const rest = ((count % per) + per) % per;
  const seconds = (count - rest) / per;
  if (seconds > MAX_SECONDS || seconds < -MAX_SECONDS) return `${count} ${unit}`;
  const text = new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "");
  const [day = "", time = ""] = text.split("T");
  if (rest === 0n) return time === "00:00:00" ? day : `${day} ${time}`;
  const digits = `${per + rest}`.slice(1).replace(/0+$/, "");
  return `${day} ${time}.${digits}`;
}
