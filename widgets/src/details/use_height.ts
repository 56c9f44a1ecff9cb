// The height that an element was given by what surrounds it.
import { useEffect, useRef, useState } from "preact/hooks";

const SMALLEST = 120;

export function useHeight() {
  const box = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(SMALLEST);
  useEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setHeight(Math.max(SMALLEST, Math.floor(entry.contentRect.height)));
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return { box, height };
}
