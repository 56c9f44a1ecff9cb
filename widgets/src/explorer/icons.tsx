// The pictures of the buttons, drawn on 16 by 16 pixels.

const PATHS = new Map([
  ["refresh", "M13 8a5 5 0 1 1-1.5-3.6M13 2.4v2.8h-2.8"],
  ["sum", "M12 4.5V3H4l4 5-4 5h8v-1.5"],
  ["copy", "M5.5 5.5h7v8h-7zM10.5 5.5v-3h-7v8h2"],
  ["code", "M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5"],
  ["save", "M8 2.5v7.5M5 7.3 8 10.3l3-3M3 13h10"],
  ["delete", "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9"],
  ["help", "M6 6.2a2 2 0 1 1 2.7 1.9c-.5.2-.7.5-.7 1.4M8 11.6v.6"],
  ["home", "M2.5 8 8 3l5.5 5M4.5 7v6h7V7"],
  ["up", "M8 13V3.5M4.5 7 8 3.5 11.5 7"],
  ["down", "M8 3v9.5M4.5 9 8 12.5 11.5 9"],
]);

export function Icon({ name }: { name: string }) {
  return (
    <svg class="zs-explorer-icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS.get(name) ?? ""} />
    </svg>
  );
}

interface IconButtonProps {
  icon: string;
  label: string;
  onClick: () => void;
  disabled?: boolean;
}

export function IconButton({ icon, label, onClick, disabled = false }: IconButtonProps) {
  return (
    <button
      type="button"
      class="zs-button zs-explorer-button"
      title={label}
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
