/* The panel: stored facts first, then everything else side by side. */

import { get, post, requestId } from "../api.js";
import { $, announce, put } from "../dom.js";
import { failure, Part } from "../part.js";
import { bearer, enterDemo, hold } from "../session.js";
import { t } from "../words.js";
import { classificationView } from "./classification.js";
import * as draft from "./draft.js";
import * as escalation from "./escalation.js";
import * as host from "./host.js";
import { listen } from "./keys.js";
import * as knowledge from "./knowledge.js";
import * as people from "./people.js";
import * as summary from "./summary.js";

const boot = JSON.parse($("#boot").textContent);
const classification = new Part("classification");
const parts = [draft, summary, knowledge, people, escalation];
let current = { id: "", auto: false };
let running = new AbortController();

/** Open a ticket; `auto` asks for draft and summary without a click. */
async function open(id, auto = false) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  current = { id, auto };
  notice();
  classification.loading(5);
  for (const part of parts) part.close();
  try {
    // The page around may name a ticket before this one could enter.
    if (boot.mode === "demo" && !bearer()) await enterDemo("ROLE_AGENT", enter);
    const facts = await get(`/api/tickets/${encodeURIComponent(id)}/panel`, { signal });
    if (signal.aborted) return;
    fill(facts, auto, signal);
  } catch (error) {
    failed(error, error.status === 401 ? enter : () => open(id, auto));
  }
}

function fill(facts, auto, signal) {
  const { ticket } = facts;
  $("#ref").textContent = ticket.external_id;
  current.ticket = ticket;
  escalation.open(ticket, facts.escalation);
  draft.open(ticket.id, facts.draft);
  summary.open(ticket.id, facts.summary, signal);
  if (facts.classification) show(facts.classification);
  if (!facts.classification || facts.classification_outdated) classify(ticket, signal);
  knowledge.open(ticket.id, signal);
  people.open(ticket.id, ticket, signal);
  if (auto) {
    if (!facts.summary) summary.start();
    if (!facts.draft || facts.draft.voided) draft.start();
  }
}

const show = (found) => classification.ready(classificationView(found, current.ticket));

async function classify(ticket, signal) {
  try {
    const found = await post(`/api/tickets/${encodeURIComponent(ticket.id)}/classify`,
      { request_id: requestId() }, { signal });
    show(found.classification);
    escalation.arrived(found.escalation);
    host.tell("deskside.classified", { ticket_id: ticket.id });
  } catch (error) {
    classification.failed(error, () => classify(ticket, signal));
  }
}

function failed(error, again) {
  if (error.name === "AbortError") return;
  for (const part of parts) part.close();
  for (const node of document.querySelectorAll("[data-part]")) node.hidden = true;
  notice(failure(error, again));
}

function notice(node) {
  const place = $("#notice");
  place.hidden = !node;
  put(place, node);
}

/** Enter with the session the page came with, or as the demo's agent. */
// Whoever opens the demo while it starts need not press a button.
const KNOCK_AGAIN_MS = 1500;

async function enter() {
  try {
    if (boot.mode === "demo") await enterDemo("ROLE_AGENT", enter);
    else hold(boot.session, () => failed({ status: 401 }));
    if (boot.mode === "helpdesk") await openSigned(boot.session.context);
    else if (current.id) open(current.id);
    else if (!host.tell("deskside.ready")) await standAlone();
  } catch (error) {
    failed(error, enter);
    if (error.unreachable && boot.mode === "demo") setTimeout(enter, KNOCK_AGAIN_MS);
  }
}

/** Find the ticket that the helpdesk's signed token names. */
async function openSigned({ connector, ticket_external_id: externalId }) {
  const key = { external: { connector, external_id: externalId } };
  const { ticket } = await post("/api/tickets/find", key);
  await open(ticket.id);
}

// Opened without a page around: the newest ticket is as good as any.
async function standAlone() {
  const { tickets } = await get("/api/tickets", { query: { page_size: 1 } });
  if (tickets.length) open(tickets[0].ticket.id);
  else notice(document.createTextNode(t("demo.empty")));
}

host.on("deskside.ticket", ({ ticket_id: id, auto }) => open(id, auto));
host.on("deskside.sent", async ({ text, used }) => {
  if (used) await draft.sent(text);
  open(current.id);
});

const reload = () => current.id && open(current.id).then(() => announce(t("panel.refreshed")));
$("#refresh").addEventListener("click", reload);
const cite = ["keys.source", (key) => draft.openSource(key)];
listen({
  d: ["keys.draft", draft.start],
  i: ["keys.insert", draft.insert],
  c: ["keys.copy", draft.copy],
  s: ["keys.summary", () => summary.start()],
  e: ["keys.escalate", () => $("#escalate-reason, #acknowledge, #resolve")?.focus()],
  "/": ["keys.search", knowledge.focus],
  r: ["keys.refresh", reload],
  ...Object.fromEntries("123456789".split("").map((digit) => [digit, cite])),
});
enter();
