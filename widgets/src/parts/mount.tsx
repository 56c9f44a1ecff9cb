// How a view becomes the module that anywidget loads.
import { type ComponentType, render as draw } from "preact";
import { Channel } from "../kernel/channel.ts";
import type { Model } from "../model.ts";
import { Frame } from "./frame.tsx";

export interface ViewProps {
  // biome-ignore lint/suspicious/noExplicitAny: each view names the state that it has
  model: Model<any>;
  channel: Channel;
}

interface Bundle {
  render: (host: { model: Model; el: HTMLElement }) => () => void;
}

export function bundleOf(View: ComponentType<ViewProps>): Bundle {
  return {
    // Asks nothing of the kernel before it returns: anywidget holds messages back until then.
    render({ model, el }) {
      const channel = new Channel(model as never);
      draw(
        <Frame model={model} channel={channel}>
          <View model={model} channel={channel} />
        </Frame>,
        el,
      );
      return () => {
        draw(null, el);
        channel.close();
      };
    },
  };
}
