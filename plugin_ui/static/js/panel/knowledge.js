/* Passages that answer the ticket, or whatever the agent looks for. */

import { post } from "../api.js";
import { $, announce, h, link, marked, said } from "../dom.js";
import { Part } from "../part.js";
import { count, percent, t, when } from "../words.js";
import { badge, warningsView } from "./classification.js";
import { remember, visibilityBadge } from "./sources.js";

const part = new Part("knowledge");
const field = h("input", {
  type: "search", name: "query", id: "search", dir: "auto", autocomplete: "off",
  placeholder: t("knowledge.search"), "aria-label": t("knowledge.search"),
});
const form = h("form", { class: "search", role: "search" }, field,
  h("button", { type: "submit" }, t("knowledge.find")));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  load(field.value.trim());
});
let ticketId = "";
let signal;

/** Look up passages for a ticket. */
export function open(id, abort) {
  ticketId = id;
  signal = abort;
  field.value = "";
  return load("");
}

export const close = () => part.loading(4);
export const focus = () => $("#search")?.focus();

async function load(query) {
  part.loading(4);
  part.body.prepend(form);
  if (query) field.focus();
  const subject = query ? { query } : { ticket_id: ticketId };
  try {
    const found = await post("/api/passages/search", { ...subject, top_k: 5 }, { signal });
    remember(found.passages);
    show(found);
    if (query) announce(count("knowledge.count", found.passages.length));
  } catch (error) {
    part.failed(error, () => load(query));
    part.body.prepend(form);
  }
}

function show(found) {
  if (!found.passages.length) {
    part.empty(t("knowledge.none"));
    part.body.prepend(form);
    return;
  }
  part.ready(
    form,
    found.answerable ? null : h("p", { class: "notice warn small" }, t("knowledge.unanswerable")),
    h("ul", { class: "list" }, found.passages.map(passageView)),
    warningsView(found.warnings),
  );
}

function passageView(passage) {
  const long = passage.text.length > 220;
  const text = h("p", { class: "clip", dir: "auto" }, marked(passage.text, passage.highlights));
  const item = h("li", { class: "item" },
    said("span", passage.title, { class: "title" }),
    text,
    h("div", { class: "row tiny" },
      visibilityBadge(passage.visibility),
      passage.stale ? badge(t("knowledge.stale"), "danger", { title: t("knowledge.stale_title") }) : null,
      passage.source ? said("span", passage.source, { class: "muted" }) : null,
      h("span", { class: "muted num", title: t("knowledge.score") },
        h("span", { class: "sr-only" }, t("knowledge.score"), " "), percent(passage.score)),
      when(passage.updated_at),
      link(passage.url, t("knowledge.open")),
      long ? more(() => item.classList.toggle("open"), passage.title) : null),
  );
  return item;
}

function more(toggle, title) {
  const button = h("button", {
    type: "button", class: "link tiny", "aria-expanded": "false",
    "aria-label": `${t("page.more")}: ${title}`,
  }, t("page.more"));
  button.addEventListener("click", () => {
    const open = toggle();
    button.setAttribute("aria-expanded", String(open));
    button.textContent = t(open ? "page.less" : "page.more");
  });
  return button;
}
