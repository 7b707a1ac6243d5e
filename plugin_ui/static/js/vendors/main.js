/* The demo's Zendesk and Slack: a ticket here, a card there, and back. */

import { get, post } from "../api.js";
import { $, announce, h, put, said } from "../dom.js";
import { failure } from "../part.js";
import { t, when } from "../words.js";
import { message } from "./slack.js";

const LOOK_MS = 1000;
const boot = JSON.parse($("#boot").textContent);
const notice = $("#notice");
let shown = "";

const MARK = /\n*\[deskside:[0-9a-f]+\]\s*$/;

function comment({ author, body, public: open, ours, at }) {
  // By its mark the connector finds its own note again instead of writing it twice.
  const mark = ours ? MARK.exec(body)?.[0] ?? "" : "";
  return h("article", { class: `message ${open ? "" : "note"}`, data: { note: open ? "" : "1" } },
    h("header", {}, said("strong", author),
      open ? null : h("span", { class: "badge" }, t("vendors.private")),
      h("span", { class: "grow" }), h("span", { class: "tiny muted" }, when(at))),
    said("div", body.slice(0, body.length - mark.length), { class: "body" }),
    mark ? h("div", { class: "tiny muted", title: t("vendors.mark") }, mark.trim()) : null);
}

function ticket({ id, subject, status, tags, comments }) {
  return h("article", { class: "card stack tight", data: { ticket: String(id) } },
    h("div", { class: "row" }, said("h3", subject), h("span", { class: "grow" }),
      h("span", { class: "badge" }, `#${id} ${status}`)),
    tags.length ? h("div", { class: "row" }, tags.map((tag) => h("span", { class: "tag" }, tag))) : null,
    comments.map(comment));
}

/* Which steps the newest ticket has taken: a note, a card, a press, a second note. */
function taken({ tickets: [newest], messages }) {
  if (!newest) return [];
  const notes = newest.comments.filter((one) => one.ours).length;
  const card = messages.find((one) => JSON.stringify(one.blocks ?? []).includes(String(newest.id)));
  const open = card && JSON.stringify(card.blocks).includes('"esc_ack"');
  return [true, notes > 0, Boolean(card), Boolean(card) && !open, notes > 1];
}

function walk(steps) {
  const next = steps.length ? steps.indexOf(false) : 0;
  [...$("#steps").children].forEach((item, place) => {
    const done = Boolean(steps[place]);
    item.classList.toggle("is-done", done);
    put($(".done", item), done ? `${t("vendors.done")} ` : "");
    if (place === next) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  });
}

function draw(state) {
  const { tickets, messages } = state;
  walk(taken(state));
  put($("#zendesk"), tickets.length ? tickets.map(ticket) : h("p", { class: "muted" }, t("vendors.zendesk.none")));
  put($("#slack"), messages.length
    ? messages.map((one) => message(one, press)) : h("p", { class: "muted" }, t("vendors.slack.none")));
}

async function press(ts, action, button) {
  button.disabled = true;
  try {
    await post("/demo/vendors/press", { ts, action });
    announce(t("vendors.pressed"));
  } catch (error) {
    button.disabled = false;
    put(notice, failure(error));
  }
}

async function look() {
  try {
    const state = await get("/demo/vendors/state");
    const text = JSON.stringify(state);
    // Drawn anew only when something happened: a button keeps the focus it has.
    if (text !== shown) draw(state);
    shown = text;
  } catch (error) {
    put(notice, failure(error));
  }
  setTimeout(look, LOOK_MS);
}

const form = $("#open");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { subject, body } = form.elements;
  try {
    await post("/demo/vendors/tickets", { subject: subject.value, body: body.value });
    put(notice);
    announce(t("demo.sent"));
  } catch (error) {
    put(notice, failure(error));
  }
});

if (!boot.zendesk) {
  form.hidden = true;
  $("#steps").hidden = true;
  put($("#zendesk"));
  put(notice, h("div", { class: "notice warn" },
    h("p", {}, t("vendors.extra")),
    h("p", {}, h("code", {}, ".venv/bin/python -m pip install -e '.[zendesk]'"))));
}
look();
