// A name from a store: shown with escapes, kept apart from the direction of text around it.
import { visible } from "../text/visible.ts";

export function Name({ children }: { children: string }) {
  return <bdi class="zs-name">{visible(children)}</bdi>;
}
