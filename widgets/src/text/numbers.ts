// Numbers as people read them, in the language of the page.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const THOUSAND = 1024;

/** Size in bytes, with three digits that count: "1.42 GiB". */
export function formatBytes(nbytes: number, locale?: string): string {
  let value = nbytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < UNITS.length - 1) {
    value /= THOUSAND;
    unit += 1;
  }
  const digits = unit === 0 ? {} : { maximumSignificantDigits: 3 };
  return `${new Intl.NumberFormat(locale, digits).format(value)} ${UNITS[unit]}`;
}

/** A count with its thousands apart: "8,215". */
export function formatCount(count: number, locale?: string): string {
  return new Intl.NumberFormat(locale).format(count);
}

/** A count and what is counted: "1 key", "8,215 keys". */
export function formatCounted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A duration in seconds: "830 µs", "12.4 ms", "3.2 s", "2 min 5 s". */
export function formatSeconds(seconds: number, locale?: string): string {
  const format = (value: number) =>
    new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }).format(value);
  if (seconds < 0.9995e-3) return `${format(seconds * 1e6)} µs`;
  if (seconds < 0.9995) return `${format(seconds * 1e3)} ms`;
  if (seconds < 99.95) return `${format(seconds)} s`;
  const whole = Math.round(seconds);
  return `${formatCount(Math.floor(whole / 60), locale)} min ${whole % 60} s`;
}

/** The time of day of a moment, in milliseconds since 1970: "14:02". */
export function formatTime(moment: number, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(moment);
}

/** A moment, in milliseconds since 1970: "Nov 22, 2026, 14:02". */
export function formatMoment(moment: number, locale?: string): string {
  const style = { dateStyle: "medium", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(locale, style).format(moment);
}

const AGES: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** How long ago it was, in its largest unit: "3 hours ago", "just now". */
export function formatAge(seconds: number, locale?: string): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  for (const [unit, length] of AGES) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return format.format(-count, unit);
  }
  return "just now";
}

/** The moment that something kept is of, and how long ago: "as of ..., 3 hours ago". */
export function formatAsOf(moment: number, now: number, locale?: string): string {
  const age = formatAge((now - moment) / 1000, locale);
  return `as of ${formatMoment(moment, locale)}, ${age}`;
}

/** A share between 0 and 1: "12.5 %". */
export function formatShare(share: number, locale?: string): string {
  return new Intl.NumberFormat(locale, {
    style: "percent",
    maximumFractionDigits: 1,
  }).format(share);
}
