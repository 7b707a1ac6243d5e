/* A table that is a list of cards on narrow screens. */

import { h } from "../dom.js";
import { t } from "../words.js";

/** Build a table from column keys of the catalogue and rows of cells.
 *
 * The roles are what the elements mean by themselves, until a narrow screen shows them
 * as blocks: then some browsers forget it.
 */
export function table(label, columns, rows) {
  const names = columns.map((key) => (key ? t(key) : ""));
  const head = names.map((name) =>
    h("th", { scope: "col", role: "columnheader" },
      name || h("span", { class: "sr-only" }, t("admin.actions"))));
  const body = rows.map((cells) => h("tr", { role: "row" }, cells.map((cell, at) =>
    h("td", { role: "cell", "data-label": names[at] || null }, cell))));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("admin.table", { name: label }) },
    h("table", { role: "table" },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, head)),
      h("tbody", { role: "rowgroup" }, body)));
}
