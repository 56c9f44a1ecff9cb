// What is seen while something is asked for; a style keeps it from flashing up.
export function Waiting({ children = "Reading …" }: { children?: string }) {
  return (
    <p class="zs-details-waiting zs-muted" role="status">
      <span class="zs-spinner" aria-hidden="true" /> {children}
    </p>
  );
}
