/* A table that scrolls sideways inside itself on narrow screens. */

import { h } from "../dom.js";
import { t } from "../words.js";

/** Build a table from column keys of the catalogue and rows of cells. */
export function table(label, columns, rows) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("admin.table", { name: label }) },
    h("table", {},
      h("thead", {}, h("tr", {}, columns.map((key) =>
        h("th", { scope: "col" }, key ? t(key) : h("span", { class: "sr-only" }, t("admin.actions")))))),
      h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell) => h("td", {}, cell)))))));
}
