import { BufferInspector } from "../buffers/buffer_inspector.tsx";
import { bundleOf } from "../parts/mount.tsx";
import "../style/theme.css";
import "../style/parts.css";
import "../style/buffers.css";

export default bundleOf(BufferInspector);
