/* Escalations of the workspace, newest first. */

import { get } from "../api.js";
import { h, link, said } from "../dom.js";
import { Part } from "../part.js";
import { number, t, when, word } from "../words.js";
import { table } from "./table.js";

export const NAME = "escalations";
const TONE = { OPEN: "danger", ACKNOWLEDGED: "warn", ASSIGNED: "warn", RESOLVED: "ok" };

/** Load and show the newest. */
export async function open() {
  const part = new Part(NAME);
  part.loading(3);
  try {
    const { escalations } = await get("/api/escalations", { query: { page_size: "20" } });
    if (!escalations.length) part.empty(t("admin.no_escalations"));
    else {
      part.ready(table(t("admin.escalations"), ["admin.esc.ticket", "admin.esc.customer", "admin.doc.state",
        "admin.esc.level", "admin.esc.why", "admin.esc.since"], escalations.map(row)));
    }
  } catch (error) {
    part.failed(error, open);
  }
}

function row(found) {
  const state = found.state.replace("ESCALATION_STATE_", "");
  // A ticket may have no subject, and a deleted one has only our identifier left.
  const name = found.ticket_subject || found.ticket_external_id || found.ticket_id;
  return [
    [link(found.ticket_url, name, { dir: "auto" }) ?? said("span", name),
      said("div", found.ticket_external_id, { class: "tiny muted" })],
    said("span", found.customer_name),
    h("span", { class: `badge ${TONE[state] ?? ""}` }, word("escalation_state", found.state)),
    h("span", { class: "num" }, number(found.level)),
    said("span", found.reasons.map((reason) => reason.text).join(" · ")),
    when(found.created_at),
  ];
}
