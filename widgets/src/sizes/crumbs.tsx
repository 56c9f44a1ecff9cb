// Where the map is: each folder above is a way back.
import type { ComponentChildren } from "preact";
import { Name } from "../parts/name.tsx";
import { crumbsOf } from "./level.ts";

interface CrumbsProps {
  title: string;
  path: string;
  onGo: (path: string) => void;
  children: ComponentChildren;
}

export function Crumbs({ title, path, onGo, children }: CrumbsProps) {
  return (
    <div class="zs-toolbar zs-sizes-toolbar">
      <nav class="zs-sizes-crumbs" aria-label="Path">
        <ol>
          {[{ path: "", name: title }, ...crumbsOf(path)].map((crumb) => (
            <li key={crumb.path}>
              {crumb.path === path ? (
                <span class="zs-sizes-here" aria-current="page">
                  <Name>{crumb.name}</Name>
                </span>
              ) : (
                <button
                  type="button"
                  class="zs-button zs-button-plain"
                  onClick={() => onGo(crumb.path)}
                >
                  <Name>{crumb.name}</Name>
                </button>
              )}
            </li>
          ))}
        </ol>
      </nav>
      {children}
    </div>
  );
}
