/* The conversation of the demo's helpdesk and its reply box. */

import { get, post, requestId } from "../api.js";
import { $, announce, h, marked, put, said } from "../dom.js";
import { avatar, icon } from "../draw.js";
import { failure } from "../part.js";
import { bytes, t, when, word } from "../words.js";

const CHANNEL = {
  CHANNEL_EMAIL: "mail", CHANNEL_WEB: "web", CHANNEL_CHAT: "chat",
  CHANNEL_PHONE: "phone", CHANNEL_API: "api",
};
const head = $("#thread-head");
const messages = $("#messages");
const reply = $("#reply");
let ticket = null;
let inserted = "";
let onSent = () => {};

/** Build the reply box; `sent` is called with the text once it is stored. */
export function start(sent) {
  onSent = sent;
  put(reply,
    h("div", { class: "segments", role: "group", "aria-label": t("demo.reply_kind") },
      kind("public", t("demo.public_reply"), true), kind("note", t("demo.internal_note"), false)),
    h("textarea", {
      name: "text", rows: 5, required: true, dir: "auto", "aria-label": t("demo.reply"),
      placeholder: t("demo.reply_hint"),
    }),
    h("div", { class: "row between" },
      h("span", { class: "tiny muted", id: "reply-note" }),
      h("button", { type: "submit", class: "primary" }, t("demo.send"))));
  reply.addEventListener("submit", send);
}

function kind(value, text, on) {
  const button = h("button", { type: "button", "aria-pressed": String(on), data: { kind: value } }, text);
  button.addEventListener("click", () => choose(value));
  return button;
}

function choose(value) {
  for (const button of reply.querySelectorAll("[data-kind]")) {
    button.setAttribute("aria-pressed", String(button.dataset.kind === value));
  }
  reply.classList.toggle("note", value === "note");
}

/** Show a ticket's conversation. */
export async function open(id) {
  ticket = null;
  reply.hidden = true;
  inserted = "";
  put(messages, Array.from({ length: 4 }, () => h("div", { class: "bone tall" })));
  try {
    const facts = await get(`/api/tickets/${encodeURIComponent(id)}/panel`);
    show(facts.ticket);
  } catch (error) {
    put(head);
    put(messages, failure(error, () => open(id)));
  }
}

function show(found) {
  ticket = found;
  put(head,
    h("div", { class: "thread-head" },
      said("h1", found.subject || t("ticket.no_subject")),
      h("div", { class: "row small" },
        h("span", { class: "badge info" }, word("ticket_status", found.status)),
        h("span", { class: "muted num" }, found.external_id),
        h("span", { class: "muted row" }, icon(CHANNEL[found.channel] ?? "web"), word("channel", found.channel)),
        found.product_area ? said("span", found.product_area, { class: "muted" }) : null,
        found.tags.map((tag) => said("span", tag, { class: "tag" })))));
  put(messages, found.messages.map(message));
  reply.hidden = false;
  reply.elements.text.value = "";
  choose("public");
  messages.scrollTop = 0;
}

function message(found) {
  const role = found.author?.role ?? "AUTHOR_ROLE_CUSTOMER";
  const who = found.author?.name || word("author_role", role);
  const kindOf = found.internal ? "note" : role.replace("AUTHOR_ROLE_", "").toLowerCase();
  return h("article", { class: `message ${kindOf}`, data: { message: found.id } },
    h("header", {}, avatar(who),
      h("div", {},
        h("div", { class: "row" }, said("strong", who),
          found.internal
            ? h("span", { class: "badge warn" }, icon("lock"), t("demo.internal_note"))
            : h("span", { class: "tiny muted" }, word("author_role", role))),
        h("div", { class: "tiny muted" }, when(found.sent_at)))),
    said("div", found.body, { class: "body" }),
    found.attachments.length
      ? h("ul", { class: "files" }, found.attachments.map((file) =>
        h("li", { class: "file" }, icon("clip"), said("span", file.file_name),
          file.size_bytes > 0 ? h("span", { class: "muted" }, bytes(Number(file.size_bytes))) : null)))
      : null);
}

/** Put a draft into the reply box; the agent always sends. */
export function insert(text) {
  if (!ticket) return;
  choose("public");
  inserted = text;
  reply.elements.text.value = text;
  $("#reply-note").textContent = t("demo.inserted");
  reply.elements.text.focus({ preventScroll: false });
}

/** Show the words a reason rests on. */
export function highlight(span) {
  if (!ticket) return;
  const heading = $("#thread-head h1");
  for (const mark of document.querySelectorAll("#thread-head mark, #messages mark")) {
    mark.replaceWith(mark.textContent);
  }
  const found = ticket.messages.find((one) => one.id === span.message_id);
  // A reason without a message rests on words of the subject.
  const place = found
    ? $(".body", messages.querySelector(`[data-message="${CSS.escape(found.id)}"]`))
    : heading;
  put(place, marked(found ? found.body : ticket.subject, [span]));
  $("mark", place)?.scrollIntoView({ block: "center" });
}

async function send(event) {
  event.preventDefault();
  const text = reply.elements.text.value.trim();
  if (!text || !ticket) return;
  const internal = reply.classList.contains("note");
  const used = Boolean(inserted) && !internal;
  const author = { role: "AUTHOR_ROLE_AGENT", name: "Robin Demo" };
  const said_ = { author, body: text, internal, sent_at: new Date().toISOString() };
  try {
    const answer = await post(`/api/tickets/${encodeURIComponent(ticket.id)}/messages`, {
      request_id: requestId(),
      message: { ...said_, external_id: `demo-${requestId()}` },
    });
    inserted = "";
    show(answer.ticket);
    messages.scrollTop = messages.scrollHeight;
    announce(t("demo.sent"));
    onSent(text, used);
  } catch (error) {
    $("#reply-note").replaceChildren(failure(error));
  }
}
