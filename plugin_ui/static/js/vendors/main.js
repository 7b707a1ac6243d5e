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

function comment({ author, body, public: open, ours, at }) {
  return h("article", { class: `message ${open ? "" : "note"}`, data: { note: open ? "" : "1" } },
    h("header", {}, said("strong", author),
      open ? null : h("span", { class: "badge" }, t("vendors.private")),
      ours ? h("span", { class: "badge accent" }, "Deskside") : null,
      h("span", { class: "grow" }), h("span", { class: "tiny muted" }, when(at))),
    said("div", body, { class: "body" }));
}

function ticket({ id, subject, status, tags, comments }) {
  return h("article", { class: "card stack tight", data: { ticket: String(id) } },
    h("div", { class: "row" }, said("h3", subject), h("span", { class: "grow" }),
      h("span", { class: "badge" }, `#${id} ${status}`)),
    tags.length ? h("div", { class: "row" }, tags.map((tag) => h("span", { class: "tag" }, tag))) : null,
    comments.map(comment));
}

function draw({ tickets, messages }) {
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
  put($("#zendesk"));
  put(notice, h("div", { class: "notice warn" },
    h("p", {}, t("vendors.extra")),
    h("p", {}, h("code", {}, ".venv/bin/python -m pip install -e '.[zendesk]'"))));
}
look();
