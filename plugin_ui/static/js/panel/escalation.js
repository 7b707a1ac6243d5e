/* The escalation of a ticket: its state, moving it on, and raising one by hand. */

import { post, requestId } from "../api.js";
import { announce, h, said } from "../dom.js";
import { failure, Part } from "../part.js";
import { number, t, when, word } from "../words.js";
import { badge, reasonView } from "./classification.js";
import { tell } from "./host.js";

const state = new Part("escalation");
const raise = new Part("escalate");
let ticket;

/** Show what is open, and offer to raise one where nothing is. */
export function open(of, escalation) {
  ticket = of;
  if (escalation) show(escalation);
  else state.hide();
  form(escalation);
}

export function close() {
  state.hide();
  raise.hide();
}

/** Show an escalation that a rule raised just now. */
export function arrived(escalation) {
  if (escalation) {
    show(escalation);
    form(escalation);
  }
}

const NEW = "ESCALATION_STATE_OPEN";
const OVER = "ESCALATION_STATE_RESOLVED";

function show(found, problem) {
  const over = found.state === OVER;
  state.ready(
    h("div", { class: "row" },
      badge(word("escalation_state", found.state), found.state === NEW ? "danger" : over ? "ok" : "warn"),
      badge(t("escalation.level", { n: number(found.level) })),
      h("span", { class: "small muted" }, when(found.created_at))),
    found.reasons.length
      ? h("ul", { class: "reasons" }, found.reasons.slice(0, 4).map((r) => reasonView(r, ticket)))
      : null,
    found.assignee_name ? h("p", { class: "small" }, t("escalation.with", { name: found.assignee_name })) : null,
    found.resolution ? said("p", found.resolution, { class: "small" }) : null,
    problem ?? null,
    over ? null : h("div", { class: "actions" },
      found.state === NEW
        ? h("button", { type: "button", id: "acknowledge", on: { click: () => move(found, "acknowledge") } },
          t("escalation.acknowledge"))
        : null,
      h("button", { type: "button", id: "resolve", on: { click: () => move(found, "resolve") } },
        t("escalation.resolve"))),
  );
  state.root.classList.add("alert");
  state.root.classList.toggle("calm", found.state !== NEW);
}

async function move(found, step) {
  try {
    const { escalation } = await post(
      `/api/escalations/${encodeURIComponent(found.escalation_id)}/${step}`,
      { etag: found.etag, request_id: requestId() });
    show(escalation);
    form(escalation);
    announce(word("escalation_state", escalation.state));
    tell("deskside.escalated", { ticket_id: ticket.id });
  } catch (error) {
    show(found, failure(error));
  }
}

function form(existing) {
  if (existing && existing.state !== OVER) {
    raise.hide();
    return;
  }
  const level = h("select", { name: "level" }, [1, 2, 3].map((n) =>
    h("option", { value: String(n) }, t(`escalation.level_${n}`))));
  const reason = h("textarea", {
    name: "reason", rows: 2, maxlength: 2000, required: true, dir: "auto",
    id: "escalate-reason", placeholder: t("escalation.reason_hint"),
  });
  const problem = h("div", {});
  const root = h("form", { class: "stack tight" },
    h("label", {}, t("escalation.why"), reason),
    h("div", { class: "row" },
      h("label", {}, h("span", { class: "sr-only" }, t("escalation.level_label")), level),
      h("button", { type: "submit" }, t("escalation.raise"))),
    problem);
  root.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const { escalation } = await post(`/api/tickets/${encodeURIComponent(ticket.id)}/escalate`,
        { level: Number(level.value), reason: reason.value.trim(), request_id: requestId() });
      arrived(escalation);
      announce(t("escalation.raised"));
      state.root.scrollIntoView({ block: "nearest" });
      tell("deskside.escalated", { ticket_id: ticket.id });
    } catch (error) {
      problem.replaceChildren(failure(error));
    }
  });
  raise.ready(root);
}
