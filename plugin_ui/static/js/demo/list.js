/* The ticket list of the demo's helpdesk: search, filters, badges. */

import { get } from "../api.js";
import { $, h, put, said } from "../dom.js";
import { icon } from "../draw.js";
import { failure } from "../part.js";
import { count, t, when, word } from "../words.js";

const STATUSES = ["NEW", "OPEN", "PENDING", "SOLVED", "CLOSED"].map((one) => `TICKET_STATUS_${one}`);
const SEVERITIES = ["CRITICAL", "HIGH", "NORMAL", "LOW"].map((s) => `SEVERITY_${s}`);
const form = $("#filters");
const list = $("#tickets");
const seen = new Set();
let chosen = "";
let latest = 0;
let onChoose = () => {};

/** Build the filters; `choose` is called with a ticket's identifier. */
export function start(choose) {
  onChoose = choose;
  put(form.elements.status, h("option", { value: "" }, t("demo.filter.all")),
    STATUSES.map((value) => h("option", { value }, word("ticket_status", value))));
  put(form.elements.severity, h("option", { value: "" }, t("demo.filter.any_severity")),
    SEVERITIES.map((value) => h("option", { value }, word("severity", value))));
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(load, 250);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    load();
  });
}

/** Load the first page with the chosen filters; answers the overviews. */
export function load() {
  const mine = (latest += 1);
  return page("", mine);
}

async function page(token, mine) {
  const end = $("#list-end");
  // What was typed into a command line is stored as well, but is not of this helpdesk.
  const query = new URLSearchParams({ page_size: "40", connector: "demo" });
  if (token) query.set("page_token", token);
  for (const [field, name] of [["text", "text"], ["severity", "severity"], ["status", "statuses"]]) {
    const value = form.elements[field].value.trim();
    if (value) query.set(name, value);
  }
  try {
    const { tickets, next_page_token: next } = await get("/api/tickets", { query });
    if (mine !== latest) return [];
    if (!token) list.replaceChildren();
    list.append(...tickets.map(row));
    put(end, next
      ? h("button", { type: "button", class: "quiet wide", on: { click: () => page(next, mine) } }, t("demo.load_more"))
      : list.children.length ? null : h("p", { class: "muted small pad" }, t("demo.no_tickets")));
    $("#list-count").textContent = count("demo.shown", list.children.length);
    mark(chosen);
    return tickets;
  } catch (error) {
    if (mine === latest) put(end, failure(error, load));
    return [];
  }
}

function row({ ticket, classification, escalation, message_count: messages }) {
  const fresh = ticket.status === "TICKET_STATUS_NEW" && !seen.has(ticket.id);
  const button = h("button", {
    type: "button", class: `ticket ${fresh ? "fresh" : ""}`, data: { id: ticket.id },
    on: { click: () => onChoose(ticket.id) },
  },
  h("span", { class: "line" },
    said("span", ticket.customer?.name || t("customer.unknown"), { class: "from" }),
    ticket.customer?.tier === "CUSTOMER_TIER_VIP" ? h("span", { class: "badge accent" }, "VIP") : null,
    h("span", { class: "grow" }),
    h("span", { class: "tiny muted" }, when(ticket.updated_at ?? ticket.created_at))),
  said("span", ticket.subject || t("ticket.no_subject"), { class: "subject" }),
  h("span", { class: "line tiny" },
    classification ? severity(classification.severity) : null,
    classification ? h("span", { class: "muted" }, t("demo.priority", { n: classification.priority })) : null,
    classification?.sentiment === "SENTIMENT_ANGRY"
      ? h("span", { class: "badge danger" }, word("sentiment", classification.sentiment)) : null,
    escalation ? h("span", { class: "badge warn" }, icon("alert"), t("demo.escalated")) : null,
    h("span", { class: "grow" }),
    messages ? h("span", { class: "muted" }, icon("chat"), ` ${messages}`,
      h("span", { class: "sr-only" }, t("demo.messages"))) : null));
  return h("li", {}, button);
}

const DOT = { SEVERITY_LOW: "low", SEVERITY_NORMAL: "normal", SEVERITY_HIGH: "high", SEVERITY_CRITICAL: "critical" };
const severity = (value) => h("span", { class: `dot ${DOT[value]}` }, word("severity", value));

/** Show which ticket is open; it counts as read. */
export function mark(id) {
  chosen = id;
  seen.add(id);
  for (const button of list.querySelectorAll("button")) {
    const current = button.dataset.id === id;
    button.toggleAttribute("aria-current", current);
    if (current) {
      button.setAttribute("aria-current", "true");
      button.classList.remove("fresh");
      button.scrollIntoView({ block: "nearest" });
    }
  }
}
