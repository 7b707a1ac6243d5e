/* A visitor's own ticket: typed, stored, classified and answered. */

import { post, requestId } from "../api.js";
import { $, h, openDialog } from "../dom.js";
import { failure } from "../part.js";
import { t } from "../words.js";

const EXAMPLES = ["password", "refund", "reader"];

/** Open the dialog; `made` is called with the identifier of the stored ticket. */
export function compose(made) {
  const dialog = $("#new-dialog");
  const subject = h("input", { name: "subject", required: true, maxlength: 300, dir: "auto", autocomplete: "off" });
  const body = h("textarea", { name: "body", required: true, rows: 7, maxlength: 20000, dir: "auto" });
  const name = h("input", { name: "name", value: t("demo.new.you"), maxlength: 200, autocomplete: "off" });
  const problem = h("div", {});
  const form = h("form", { class: "stack" },
    h("h2", { id: "new-title" }, t("demo.new.title")),
    h("p", { class: "small muted" }, t("demo.new.text")),
    h("div", { class: "row small" }, h("span", { class: "muted" }, t("demo.new.try")),
      EXAMPLES.map((key) => h("button", {
        type: "button", class: "quiet", on: {
          click: () => {
            subject.value = t(`demo.example.${key}.subject`);
            body.value = t(`demo.example.${key}.body`);
          },
        },
      }, t(`demo.example.${key}`)))),
    h("label", {}, t("demo.new.name"), name),
    h("label", {}, t("demo.new.subject"), subject),
    h("label", {}, t("demo.new.body"), body),
    problem,
    h("div", { class: "row between" },
      h("button", { type: "button", on: { click: () => dialog.close() } }, t("page.cancel")),
      h("button", { type: "submit", class: "primary" }, t("demo.new.send"))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const { ticket } = await post("/api/tickets", ticketOf(name.value, subject.value, body.value));
      dialog.close();
      made(ticket.id);
    } catch (error) {
      problem.replaceChildren(failure(error));
    }
  });
  openDialog(dialog, form);
  subject.focus();
}

function ticketOf(name, subject, body) {
  const id = `VISITOR-${requestId().slice(0, 8)}`;
  const now = new Date().toISOString();
  const author = { role: "AUTHOR_ROLE_CUSTOMER", id, name };
  return {
    request_id: requestId(),
    ticket: {
      external_id: id, connector: "demo", subject: subject.trim(),
      customer: { external_id: id, name },
      channel: "CHANNEL_WEB", status: "TICKET_STATUS_NEW", created_at: now, updated_at: now,
      messages: [{ external_id: `${id}-1`, author, body: body.trim(), sent_at: now }],
    },
  };
}
