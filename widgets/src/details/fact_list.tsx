// Names and what they stand for, in two columns.
import type { ComponentChildren } from "preact";

export function FactList({ children }: { children: ComponentChildren }) {
  return <dl class="zs-facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="zs-fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
