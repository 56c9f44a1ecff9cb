import { StoreExplorer } from "../explorer/store_explorer.tsx";
import { bundleOf } from "../parts/mount.tsx";
import "../style/theme.css";
import "../style/parts.css";
import "../style/explorer.css";
import "../style/details.css";
import "../style/arrays.css";

export default bundleOf(StoreExplorer);
