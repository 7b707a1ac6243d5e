/* One section of a page with its states: loading, ready, empty, failed. */

import { $, h, put } from "./dom.js";
import { t } from "./words.js";

export class Part {
  constructor(name) {
    this.root = $(`[data-part="${name}"]`);
    this.body = $(".part-body", this.root);
    this.tools = $(".part-tools", this.root);
  }

  loading(lines = 3) {
    this.#state("loading");
    this.root.setAttribute("aria-busy", "true");
    const bones = Array.from({ length: lines }, () => h("div", { class: "bone" }));
    put(this.body, h("div", { class: "stack tight", "aria-hidden": "true" }, bones));
  }

  ready(...nodes) {
    this.#state("ready");
    put(this.body, ...nodes);
  }

  empty(text, ...more) {
    this.#state("empty");
    put(this.body, h("p", { class: "muted small" }, text), ...more);
  }

  /** Say what failed; `again` is offered as a button. */
  failed(error, again) {
    if (error.name === "AbortError") return;
    this.#state("failed");
    put(this.body, failure(error, again));
  }

  hide() {
    this.root.hidden = true;
    this.root.dataset.state = "idle";
    put(this.body);
  }

  #state(state) {
    this.root.hidden = false;
    this.root.dataset.state = state;
    this.root.removeAttribute("aria-busy");
  }
}

/** A failure in words a person can act on. */
export function failure(error, again) {
  const kind = error.unreachable
    ? "unreachable"
    : { 401: "session", 403: "forbidden", 404: "missing", 409: "changed", 429: "slow",
        501: "later" }[error.status] ?? "other";
  const seconds = Math.ceil(error.retryAfter ?? 30);
  return h(
    "div",
    { class: `notice ${kind === "later" ? "" : kind === "slow" ? "warn" : "danger"}`, role: "alert" },
    h(
      "p",
      {},
      h("strong", {}, t(`error.${kind}.title`)),
      " ",
      kind === "other" && error.message ? error.message : t(`error.${kind}.text`, { seconds }),
    ),
    error.requestId && kind === "other"
      ? h("p", { class: "tiny muted" }, t("error.request", { id: error.requestId }))
      : null,
    again && kind !== "later"
      ? h("div", {}, h("button", { type: "button", on: { click: again } }, t("error.again")))
      : null,
  );
}
