/* The demo: a helpdesk page that talks to the panel as a real one would. */

import { get, post, stream } from "../api.js";
import { $, h, put } from "../dom.js";
import { failure } from "../part.js";
import { enterDemo } from "../session.js";
import { language as pageLanguage, t } from "../words.js";
import { compose } from "./compose.js";
import * as list from "./list.js";
import * as thread from "./thread.js";

const frame = $("#panel");
const here = window.location.origin;
let current = { id: "", auto: false };
let panelReady = false;

function tell(type, data) {
  if (panelReady) frame.contentWindow.postMessage({ type, ...data }, here);
}

const HEARD = {
  "deskside.ready": () => {
    panelReady = true;
    if (current.id) tell("deskside.ticket", { ticket_id: current.id, auto: current.auto });
  },
  "deskside.insert": ({ text }) => {
    show("thread");
    thread.insert(String(text));
  },
  "deskside.show": ({ span }) => {
    show("thread");
    thread.highlight(span);
  },
  "deskside.open": ({ ticket_id: id }) => choose(String(id)),
  "deskside.classified": () => list.load(),
  "deskside.escalated": () => list.load(),
};

window.addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow || event.origin !== here) return;
  HEARD[event.data?.type]?.(event.data);
});

function choose(id, auto = false) {
  current = { id, auto };
  list.mark(id);
  show("thread");
  thread.open(id);
  tell("deskside.ticket", { ticket_id: id, auto });
}

/** On narrow screens one of list, conversation and panel is shown. */
function show(view) {
  $(".desk").dataset.view = view;
  for (const button of document.querySelectorAll("[data-view][aria-pressed]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
}

// What a visitor should see first: somebody waits, it matters, the knowledge answers.
const LOOKED_AT = 8;

async function firstTicket(overviews) {
  const waiting = overviews.filter(({ ticket, classification }) =>
    /_(NEW|OPEN)$/.test(ticket.status) && classification?.language === pageLanguage);
  waiting.sort((a, b) => telling(b) - telling(a));
  // One after the other: mostly the first will do, and calls are counted.
  for (const { ticket } of waiting.slice(0, LOOKED_AT)) {
    if (await answered(ticket.id)) return ticket.id;
  }
  return (waiting[0] ?? overviews[0])?.ticket.id;
}

// An escalated ticket shows every part of the panel; an understood one comes next.
const telling = ({ classification, escalation }) =>
  (escalation ? 1 : 0) + classification.intent.confidence;

async function answered(id) {
  const path = `/api/tickets/${encodeURIComponent(id)}`;
  // Each look costs a draft: who was here before has left it behind.
  const { draft: left } = await get(`${path}/panel`).catch(() => ({}));
  if (left && !left.voided) return isCited(left);
  const asked = { ticket_id: id, top_k: 1, filters: { audience: "AUDIENCE_CUSTOMER" } };
  const found = await post("/api/passages/search", asked).catch(() => null);
  if (!found?.answerable) return false;
  // Passages may speak of the matter and still not tell what to do: a draft decides.
  let draft = null;
  await stream(`${path}/draft`, { engine: "ENGINE_LOCAL" },
    (step) => { draft = step.draft ?? draft; }).catch(() => null);
  return isCited(draft);
}

const isCited = (draft) => (draft?.citations?.length ?? 0) > 0;

// On the very first start the sample arrives while the visitor watches.
const LOOK_AGAIN_MS = 1500;
const LOOKS = 120;
const UNDERSTOOD = 12;

async function sampleThere() {
  for (let look = 0; ; look += 1) {
    const overviews = await list.load();
    const known = overviews.filter((one) => one.classification).length;
    const enough = overviews.length > 0 && known >= Math.min(overviews.length, UNDERSTOOD);
    if (enough || current.id || look === LOOKS) return overviews;
    const words = t(overviews.length ? "demo.reading" : "demo.filling");
    put($("#messages"), h("p", { class: "muted pad", role: "status" }, words));
    await pause(LOOK_AGAIN_MS);
  }
}

/** Show more badges as more of the sample is understood. */
async function followSample(overviews) {
  for (let look = 0; look < LOOKS; look += 1) {
    if (overviews.every((one) => one.classification)) return;
    await pause(2 * LOOK_AGAIN_MS);
    overviews = await list.load();
  }
}

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function enter() {
  try {
    await enterDemo("ROLE_AGENT", enter);
    const overviews = await sampleThere();
    if (!current.id) {
      const first = await firstTicket(overviews);
      if (first) choose(first, true);
    }
    await followSample(overviews);
  } catch (error) {
    put($("#messages"), failure(error, enter));
    // On a first start this page may be there some seconds before the sidecar.
    if (error.unreachable) setTimeout(enter, LOOK_AGAIN_MS);
  }
}

list.start((id) => choose(id));
thread.start((text, used) => tell("deskside.sent", { text, used }));
for (const button of document.querySelectorAll("button[data-view]")) {
  button.addEventListener("click", () => show(button.dataset.view));
}
$("#new-ticket").addEventListener("click", () => compose((id) => {
  choose(id, true);
  list.load();
}));
enter();
