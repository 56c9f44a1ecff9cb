// Which page of many is shown, and the way to the others.
import { formatCount } from "../text/numbers.ts";

interface PagesProps {
  /** First of the shown, how many a page has, and how many there are. */
  start: number;
  page: number;
  count: number;
  /** What is counted. */
  what: string;
  onStart: (start: number) => void;
}

/** Nothing if there is one page only. */
export function Pages({ start, page, count, what, onStart }: PagesProps) {
  if (count <= page) return null;
  const last = formatCount(Math.min(start + page, count));
  return (
    <div class="zs-bar zs-pages">
      <button
        type="button"
        class="zs-button"
        disabled={start === 0}
        onClick={() => onStart(Math.max(0, start - page))}
      >
        Before
      </button>
      <span class="zs-muted">{`${formatCount(start + 1)} to ${last} of ${formatCount(count)} ${what}`}</span>
      <button
        type="button"
        class="zs-button"
        disabled={start + page >= count}
        onClick={() => onStart(start + page)}
      >
        Next
      </button>
    </div>
  );
}
