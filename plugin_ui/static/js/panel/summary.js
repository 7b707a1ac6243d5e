/* What happened in the ticket, on a click. */

import { post, requestId } from "../api.js";
import { announce, h, said } from "../dom.js";
import { Part } from "../part.js";
import { t, when, word } from "../words.js";
import { warningsView } from "./classification.js";

const KINDS = ["BRIEF", "HANDOVER", "RESOLUTION"].map((kind) => `SUMMARY_KIND_${kind}`);
const part = new Part("summary");
let ticketId = "";
let signal;
let kind = "";

/** Offer the kinds, and show a stored summary. */
export function open(id, stored, abort) {
  ticketId = id;
  signal = abort;
  kind = stored?.kind ?? "";
  if (stored) show(stored);
  else part.empty(t("summary.hint"));
  part.body.prepend(buttons());
}

export const close = () => part.loading(3);

/** Ask for a summary of this kind. */
export async function start(wanted = KINDS[0]) {
  if (!ticketId) return;
  kind = wanted;
  part.loading(3);
  part.body.prepend(buttons());
  try {
    const { summary } = await post(`/api/tickets/${encodeURIComponent(ticketId)}/summary`,
      { kind, request_id: requestId() }, { signal });
    show(summary);
    announce(`${t("summary.done")} ${summary.headline}`);
  } catch (error) {
    part.failed(error, () => start(wanted));
  }
  part.body.prepend(buttons());
}

function buttons() {
  part.body.querySelector(".segments")?.remove();
  return h("div", { class: "segments", role: "group", "aria-label": t("summary.kind") },
    KINDS.map((one) => h("button", {
      type: "button", "aria-pressed": String(one === kind), on: { click: () => start(one) },
    }, word("summary_kind", one))));
}

function show(found) {
  part.ready(
    said("p", found.headline, { class: "title" }),
    found.problem && found.problem !== found.headline ? said("p", found.problem, { class: "small" }) : null,
    list("summary.steps", found.steps_taken),
    list("summary.questions", found.open_questions),
    list("summary.next", found.next_steps),
    actions(found.action_items),
    found.resolution
      ? h("div", { class: "item" }, h("h3", {}, t("summary.resolution")),
        said("p", found.resolution, { class: "small" }))
      : null,
    warningsView(found.warnings),
  );
}

function list(key, items) {
  if (!items?.length) return null;
  return h("div", {}, h("h3", {}, t(key)),
    h("ul", { class: "summary-list small" }, items.map((item) => said("li", item))));
}

function actions(items) {
  if (!items?.length) return null;
  return h("div", {}, h("h3", {}, t("summary.actions")),
    h("ul", { class: "summary-list small" }, items.map((item) =>
      h("li", { dir: "auto" }, item.text,
        item.owner ? h("span", { class: "muted" }, ` · ${item.owner}`) : null,
        item.due ? [" · ", when(item.due, { exact: true })] : null))));
}
