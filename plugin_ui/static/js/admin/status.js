/* How the parts of the sidecar are doing. */

import { get } from "../api.js";
import { h, said } from "../dom.js";
import { Part } from "../part.js";
import { number, t, when, word } from "../words.js";

export const NAME = "status";
const TONE = { OK: "ok", DEGRADED: "warn", DOWN: "danger" };

/** Load and show the state. */
export async function open() {
  const part = new Part(NAME);
  part.loading(3);
  try {
    show(part, await get("/api/status"));
  } catch (error) {
    part.failed(error, open);
  }
}

function show(part, found) {
  part.ready(
    h("dl", { class: "numbers" },
      // A count that is not kept yet is left out instead of shown as none.
      Number(found.ticket_count) ? figure("admin.tickets", number(Number(found.ticket_count))) : null,
      figure("admin.documents", number(Number(found.document_count))),
      figure("admin.passages", number(Number(found.passage_count))),
      figure("admin.version", found.version)),
    h("ul", { class: "parts" }, found.components.map(component)),
    found.started_at
      ? h("p", { class: "tiny muted" }, t("admin.since"), " ", when(found.started_at, { exact: true }))
      : null);
}

function figure(key, value) {
  return h("div", {}, h("dt", { class: "tiny muted" }, t(key)), h("dd", { class: "num" }, value));
}

function component(found) {
  const short = found.health.replace("COMPONENT_HEALTH_", "");
  return h("li", { class: "item" },
    h("div", { class: "row between" }, h("strong", {}, found.name),
      h("span", { class: `badge ${TONE[short] ?? ""}` }, word("component_health", found.health))),
    h("div", { class: "tiny muted" }, [found.implementation, found.version].filter(Boolean).join(" · ")),
    found.message ? said("p", found.message, { class: "small" }) : null);
}
