// Tabs as the ARIA practices want them: one tab stop, arrows move.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface Tab {
  id: string;
  label: string;
}

interface TabsProps {
  label: string;
  tabs: Tab[];
  active: string;
  onChange: (id: string) => void;
  children: ComponentChildren;
}

const STEPS = new Map([
  ["ArrowRight", 1],
  ["ArrowLeft", -1],
]);

export function Tabs({ label, tabs, active, onChange, children }: TabsProps) {
  const uid = useId();
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS.get(event.key);
    if (step === undefined) return;
    const at = tabs.findIndex((tab) => tab.id === active);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    onChange(next.id);
    document.getElementById(`${uid}-${next.id}`)?.focus();
  };
  return (
    <div class="zs-tabs">
      <div role="tablist" aria-label={label} class="zs-tablist" onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            id={`${uid}-${tab.id}`}
            type="button"
            role="tab"
            class="zs-tab"
            aria-selected={tab.id === active}
            aria-controls={`${uid}-panel`}
            tabIndex={tab.id === active ? 0 : -1}
            data-lm-suppress-shortcuts="true"
            onClick={() => onChange(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${uid}-panel`}
        aria-labelledby={`${uid}-${active}`}
        class="zs-panel"
        tabIndex={-1}
      >
        {children}
      </div>
    </div>
  );
}
