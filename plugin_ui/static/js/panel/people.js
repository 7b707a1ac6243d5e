/* Similar tickets and the customer: what was asked before and what helped. */

import { get } from "../api.js";
import { h, link, said } from "../dom.js";
import { avatar } from "../draw.js";
import { Part } from "../part.js";
import { count, percent, t, when, word } from "../words.js";
import { badge } from "./classification.js";
import { tell } from "./host.js";

const similar = new Part("similar");
const customer = new Part("customer");

/** Load both for a ticket, side by side. */
export function open(id, ticket, signal) {
  return Promise.all([loadSimilar(id, signal), loadCustomer(id, ticket, signal)]);
}

export function close() {
  similar.loading(3);
  customer.loading(2);
}

async function loadSimilar(id, signal) {
  try {
    const { tickets } = await get(`/api/tickets/${encodeURIComponent(id)}/similar`,
      { query: { top_k: 4 }, signal });
    if (!tickets.length) similar.empty(t("similar.none"));
    else similar.ready(h("ul", { class: "list" }, tickets.map(similarView)));
  } catch (error) {
    similar.failed(error, () => loadSimilar(id, signal));
  }
}

function similarView(ticket) {
  return h("li", { class: "item" },
    h("div", { class: "row between" },
      title(ticket.ticket_id, ticket.subject, ticket.url),
      h("span", { class: "badge accent num", title: t("similar.score") },
        h("span", { class: "sr-only" }, t("similar.score"), " "), percent(ticket.score))),
    ticket.resolution
      ? h("p", { class: "solved" }, h("strong", {}, `${t("similar.solved_by")} `),
        said("span", ticket.resolution))
      : said("p", ticket.snippet, { class: "clip" }),
    h("div", { class: "row tiny muted" },
      h("span", {}, ticket.external_id), h("span", {}, word("ticket_status", ticket.status)),
      when(ticket.created_at)),
  );
}

// In the demo the page around opens the ticket; elsewhere its address does.
function title(id, subject, url) {
  const text = subject || t("ticket.no_subject");
  if (url) return link(url, text, { class: "title", dir: "auto" });
  return h("button", {
    type: "button", class: "link title", dir: "auto",
    on: { click: () => tell("deskside.open", { ticket_id: id }) },
  }, text);
}

async function loadCustomer(id, ticket, signal) {
  try {
    const history = await get(`/api/tickets/${encodeURIComponent(id)}/history`,
      { query: { page_size: 5 }, signal });
    customer.ready(person(history.customer ?? ticket.customer, history), past(history));
  } catch (error) {
    if (error.status === 404) customer.empty(t("customer.none"));
    else customer.failed(error, () => loadCustomer(id, ticket, signal));
  }
}

function person(who, history) {
  const name = who?.name || who?.email || t("customer.unknown");
  return h("div", { class: "person" }, avatar(name),
    h("div", {},
      h("div", { class: "row" }, said("strong", name),
        who?.tier === "CUSTOMER_TIER_VIP" ? badge("VIP", "accent") : null),
      who?.email && who.email !== name ? said("div", who.email, { class: "small muted" }) : null,
      h("div", { class: "small muted" }, count("customer.tickets", history.ticket_count), " · ",
        count("customer.open", history.open_ticket_count))));
}

function past({ tickets }) {
  if (!tickets.length) return h("p", { class: "small muted" }, t("customer.first"));
  return h("ul", { class: "list" }, tickets.map(({ ticket, classification }) =>
    h("li", { class: "item" },
      title(ticket.id, ticket.subject, ticket.url),
      h("div", { class: "row tiny muted" },
        h("span", {}, word("ticket_status", ticket.status)),
        classification?.sentiment === "SENTIMENT_ANGRY"
          ? badge(word("sentiment", classification.sentiment), "danger") : null,
        when(ticket.created_at)))));
}
