/* How the parts of the sidecar are doing. */

import { get } from "../api.js";
import { h, said } from "../dom.js";
import { Part } from "../part.js";
import { number, t, when, word } from "../words.js";

export const NAME = "status";
const TONE = { OK: "ok", DEGRADED: "warn", DOWN: "danger", FAILING: "danger", NOT_RUNNING: "danger" };

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
    // A failing Slack cannot tell of itself: here an administrator sees it.
    found.connectors?.length
      ? [h("h3", {}, t("admin.connectors")),
        h("ul", { class: "parts", data: { list: "connectors" } }, found.connectors.map(connector))]
      : null,
    found.started_at
      ? h("p", { class: "tiny muted" }, t("admin.since"), " ", when(found.started_at, { exact: true }))
      : null);
}

function figure(key, value) {
  return h("div", {}, h("dt", { class: "tiny muted" }, t(key)), h("dd", { class: "num" }, value));
}

function component(found) {
  return item(found.name, "component_health", found,
    h("div", { class: "tiny muted" }, [found.implementation, found.version].filter(Boolean).join(" · ")));
}

function connector(found) {
  return item(found.connector, "connector_health", found, null);
}

function item(name, kind, found, more) {
  const short = found.health.replace(`${kind.toUpperCase()}_`, "");
  return h("li", { class: "item" },
    h("div", { class: "row between" }, h("strong", {}, name),
      h("span", { class: `badge ${TONE[short] ?? ""}` }, word(kind, found.health))),
    more,
    found.message ? said("p", found.message, { class: "small" }) : null);
}
