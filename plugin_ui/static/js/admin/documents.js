/* Knowledge: upload with progress, list, delete. */

import { get, remove, requestId } from "../api.js";
import { announce, h, link, said } from "../dom.js";
import { failure, Part } from "../part.js";
import { bytes, count, languageName, number, t, when, word } from "../words.js";
import { visibilityBadge } from "./badges.js";
import { table } from "./table.js";
import { upload } from "./upload.js";

export const NAME = "documents";
const TONE = { READY: "ok", FAILED: "danger", PENDING: "info", INDEXING: "info" };
let part;
let token = "";

/** Load and show the first page. */
export async function open() {
  part = new Part(NAME);
  token = "";
  part.loading(5);
  await load();
}

async function load() {
  try {
    const query = { page_size: "20", ...(token ? { page_token: token } : {}) };
    show(await get("/api/documents", { query }));
  } catch (error) {
    part.failed(error, open);
  }
}

function show(found) {
  const next = found.next_page_token;
  part.ready(
    form(),
    Number(found.total_size)
      ? h("p", { class: "small muted" }, count("admin.document_count", Number(found.total_size))) : null,
    found.documents.length
      ? table(t("admin.documents"), ["admin.doc.title", "admin.doc.state", "admin.doc.for", "admin.doc.passages",
        "admin.doc.size", "admin.doc.changed", ""], found.documents.map(row))
      : h("p", { class: "muted" }, t("admin.no_documents")),
    h("div", { class: "row" },
      token ? h("button", { type: "button", on: { click: open } }, t("admin.first_page")) : null,
      next ? h("button", {
        type: "button", on: {
          click: () => {
            token = next;
            load();
          },
        },
      }, t("admin.next_page")) : null));
}

function row(doc) {
  const state = doc.state.replace("DOCUMENT_STATE_", "");
  const title = doc.title || doc.file_name;
  return [
    [link(doc.source_url, title, { dir: "auto" }) ?? said("span", title),
      h("div", { class: "tiny muted" }, `${doc.source} · ${languageName(doc.language)}`)],
    [h("span", { class: `badge ${TONE[state] ?? ""}` }, word("document_state", doc.state)),
      doc.error_message ? said("div", doc.error_message, { class: "tiny" }) : null],
    visibilityBadge(doc.visibility),
    h("span", { class: "num" }, number(doc.passage_count)),
    h("span", { class: "num" }, bytes(Number(doc.size_bytes))),
    when(doc.updated_at),
    deletion(doc, title),
  ];
}

// Two clicks in place instead of a dialog: the second says what will happen.
function deletion(doc, title) {
  const button = h("button", { type: "button", class: "danger quiet" });
  let sure = false;
  const ask = (now) => {
    sure = now;
    button.textContent = t(sure ? "admin.delete_sure" : "admin.delete");
    // A screen reader reads the label instead of the text.
    button.setAttribute("aria-label", `${button.textContent}${sure ? "" : ":"} ${title}`);
  };
  ask(false);
  button.addEventListener("blur", () => ask(false));
  button.addEventListener("click", async () => {
    if (!sure) {
      ask(true);
      announce(button.getAttribute("aria-label"));
      return;
    }
    try {
      await remove(`/api/documents/${encodeURIComponent(doc.document_id)}`, { query: { request_id: requestId() } });
      announce(t("admin.deleted"));
      await load();
    } catch (error) {
      button.after(failure(error));
    }
  });
  return button;
}

function form() {
  const file = h("input", {
    type: "file", name: "file", required: true, accept: ".pdf,.docx,.txt,.md,.html,.htm",
  });
  const visibility = h("select", { name: "visibility" },
    h("option", { value: "VISIBILITY_INTERNAL" }, t("knowledge.internal")),
    h("option", { value: "VISIBILITY_PUBLIC" }, t("knowledge.public")));
  const url = h("input", { type: "url", name: "url", placeholder: "https://" });
  const progress = h("div", { class: "stack tight" });
  const root = h("form", { class: "stack" },
    h("div", { class: "upload" },
      h("label", {}, t("admin.file"), file),
      h("label", {}, t("admin.doc.for"), visibility),
      h("label", {}, t("admin.source_url"), url),
      h("button", { type: "submit", class: "primary" }, t("admin.upload"))),
    h("p", { class: "tiny muted" }, t("admin.upload_hint")),
    progress);
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const header = {
      request_id: requestId(), visibility: visibility.value,
      ...(url.value ? { source_url: url.value } : {}),
    };
    upload(file.files[0], header, progress, load);
  });
  return root;
}
