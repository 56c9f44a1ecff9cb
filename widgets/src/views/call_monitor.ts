import { CallMonitor } from "../calls/call_monitor.tsx";
import { bundleOf } from "../parts/mount.tsx";
import "../style/theme.css";
import "../style/parts.css";
import "../style/arrays.css";
import "../style/calls.css";

export default bundleOf(CallMonitor);
