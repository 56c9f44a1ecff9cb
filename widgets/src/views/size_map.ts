import { bundleOf } from "../parts/mount.tsx";
import { SizeMap } from "../sizes/size_map.tsx";
import "../style/theme.css";
import "../style/parts.css";
import "../style/sizes.css";

export default bundleOf(SizeMap);
