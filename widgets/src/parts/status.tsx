// The line at the bottom of a view that always says what is going on.
import type { ComponentChildren } from "preact";

interface StatusProps {
  children: ComponentChildren;
  busy?: boolean;
  onStop?: (() => void) | undefined;
}

export function Status({ children, busy = false, onStop }: StatusProps) {
  return (
    <div class="zs-status">
      {busy ? <span class="zs-spinner" aria-hidden="true" /> : null}
      <span role="status" class="zs-status-text">
        {children}
      </span>
      {onStop ? (
        <button type="button" class="zs-button" onClick={onStop}>
          Stop
        </button>
      ) : null}
    </div>
  );
}
