/* The values that may be predicted. */

import { get } from "../api.js";
import { h, said } from "../dom.js";
import { Part } from "../part.js";
import { count, t } from "../words.js";

export const NAME = "taxonomy";

/** Load and show categories and intents. */
export async function open() {
  const part = new Part(NAME);
  part.loading(4);
  try {
    const { taxonomy } = await get("/api/taxonomy");
    part.ready(values("admin.categories", taxonomy.categories), values("admin.intents", taxonomy.intents));
  } catch (error) {
    part.failed(error, open);
  }
}

function values(key, found) {
  return h("details", {},
    h("summary", {}, `${t(key)} (${found.length})`),
    h("ul", { class: "list" }, found.map((value) =>
      h("li", { class: "item" },
        h("div", { class: "row" }, said("strong", value.name || value.key),
          h("code", { class: "tiny muted" }, value.key),
          value.enabled ? null : h("span", { class: "badge" }, t("admin.disabled"))),
        said("p", value.description, { class: "small" }),
        value.examples.length
          ? h("p", { class: "tiny muted" }, count("admin.examples", value.examples.length)) : null))));
}
