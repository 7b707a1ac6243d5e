/* Who may see a document. */

import { h } from "../dom.js";
import { t } from "../words.js";

export function visibilityBadge(visibility) {
  const open = visibility === "VISIBILITY_PUBLIC";
  return h("span", { class: `badge ${open ? "ok" : "warn"}` }, t(open ? "knowledge.public" : "knowledge.internal"));
}
