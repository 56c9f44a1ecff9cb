// What went wrong, as a sentence where the click was, with a way to try again.
import { visible } from "../text/visible.ts";

interface ProblemProps {
  error: unknown;
  onRetry?: (() => void) | undefined;
}

/** The sentence of an error, whatever was thrown. */
export function sentenceOf(error: unknown): string {
  return visible(error instanceof Error ? error.message : String(error));
}

export function Problem({ error, onRetry }: ProblemProps) {
  return (
    <div class="zs-problem" role="alert">
      <span class="zs-problem-sign" aria-hidden="true">
        ⚠
      </span>
      <span class="zs-problem-text">{sentenceOf(error)}</span>
      {onRetry ? (
        <button type="button" class="zs-button" onClick={onRetry}>
          Retry
        </button>
      ) : null}
    </div>
  );
}
