/* Citation marks that open their passage, with the quote, where the reader is. */

import { post } from "../api.js";
import { $, h, link, put, quoted, said } from "../dom.js";
import { icon } from "../draw.js";
import { t } from "../words.js";
import { badge } from "./classification.js";

const known = new Map();
let opened = 0;

/** A sentence with its marks; a mark opens the source right below the sentence. */
export function sentenceView(sentence) {
  const text = sentence.text.trimEnd();
  const gap = sentence.text.slice(text.length);
  const cited = sentence.citations.length > 0;
  const node = said("span", text, { class: `sentence ${cited ? "cited" : ""}` });
  return [node, sentence.citations.map((citation) => mark(citation)), gap];
}

function mark(citation) {
  const id = `source-${(opened += 1)}`;
  const button = h("button", {
    type: "button", class: "cite", "aria-expanded": "false", "aria-controls": id,
    "aria-label": t("draft.open_source", { n: citation.marker, title: citation.title }),
    title: citation.title, data: { marker: citation.marker },
  }, String(citation.marker));
  button.addEventListener("click", () => toggle(button, id, citation));
  button.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.getElementById(id)) toggle(button, id, citation);
  });
  return button;
}

function toggle(button, id, citation) {
  const shown = document.getElementById(id);
  button.setAttribute("aria-expanded", String(!shown));
  if (shown) {
    shown.remove();
    return;
  }
  const box = sourceBox(id, citation, () => {
    toggle(button, id, citation);
    button.focus();
  });
  button.after(box);
}

function sourceBox(id, citation, close) {
  const quote = h("blockquote", { tabindex: "0", dir: "auto" }, h("mark", {}, citation.quote));
  const box = h("div", { class: "source", id, role: "group", "aria-label": citation.title },
    h("div", { class: "row between nowrap" },
      said("strong", citation.title),
      h("button", {
        type: "button", class: "quiet square", "aria-label": t("page.close"),
        on: { click: close },
      }, "×")),
    quote,
    h("div", { class: "row tiny" },
      visibilityBadge(citation.visibility),
      link(citation.url, t("knowledge.open"))),
  );
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  showWhole(quote, citation);
  return box;
}

/** Put the quote into the passage around it as soon as that is here. */
async function showWhole(quote, citation) {
  const text = await passageText(citation);
  if (!text?.includes(citation.quote)) return; // the quote alone is evidence enough
  put(quote, quoted(text, citation.quote));
  $("mark", quote).scrollIntoView({ block: "nearest" });
}

async function passageText({ passage_id: id, quote }) {
  if (known.has(id)) return known.get(id);
  const asked = { query: quote, top_k: 3, filters: { audience: "AUDIENCE_CUSTOMER" } };
  const found = await post("/api/passages/search", asked).catch(() => null);
  remember(found?.passages ?? []);
  return known.get(id);
}

/** Keep the text of passages that were found, so that a citation opens at once. */
export function remember(passages) {
  for (const passage of passages) known.set(passage.passage_id, passage.text);
}

export function visibilityBadge(visibility) {
  return visibility === "VISIBILITY_PUBLIC"
    ? badge(t("knowledge.public"), "ok", { title: t("knowledge.public_title") })
    : badge([icon("lock"), t("knowledge.internal")], "warn",
      { title: t("knowledge.internal_title") });
}
