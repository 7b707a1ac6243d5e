/* The draft: asked for, arriving by checked sentences, judged, inserted. */

import { post, requestId, stream } from "../api.js";
import { $, announce, h, put } from "../dom.js";
import { failure, Part } from "../part.js";
import { count, t } from "../words.js";
import { draftOptions } from "./draft_options.js";
import { draftResult, sentencesOf } from "./draft_result.js";
import * as host from "./host.js";
import { sentenceView } from "./sources.js";

const part = new Part("draft");
const options = draftOptions(() => start());
const output = h("div", { class: "stack" });
let ticketId = "";
let draft = null;
let running = null;

/** Show the part for a ticket, with the draft that is stored, if any. */
export function open(id, stored) {
  stop();
  ticketId = id;
  draft = stored ?? null;
  put(output);
  part.ready(options.root, output);
  part.root.dataset.state = draft ? "ready" : "empty";
  options.button(draft ? "again" : "first");
  if (draft) show(draft);
  else put(output, h("p", { class: "muted small" }, t("draft.hint")));
}

/** Close the part: another ticket comes. */
export function close() {
  stop();
  draft = null;
  ticketId = "";
  part.loading(4);
}

export const stop = () => running?.abort();

/** Ask for a draft; a second call while one is written stops it. */
export async function start() {
  if (!ticketId) return;
  if (running) {
    running.abort();
    return;
  }
  const mine = (running = new AbortController());
  const id = ticketId;
  const view = arriving();
  part.root.dataset.state = "loading";
  options.button("stop");
  try {
    const asked = { request_id: requestId(), ...options.values() };
    await stream(`/api/tickets/${encodeURIComponent(id)}/draft`, asked,
      (step) => view.take(step), mine.signal);
    if (!view.draft) throw new Error("no draft");
    draft = view.draft;
    show(draft);
    host.tell("deskside.drafted", { draft_id: draft.draft_id });
  } catch (error) {
    if (ticketId === id) failed(error);
  } finally {
    if (running === mine) running = null;
    if (ticketId === id) options.button(draft ? "again" : "first");
  }
}

function failed(error) {
  const stopped = error.name === "AbortError";
  part.root.dataset.state = stopped ? "empty" : "failed";
  put(output, stopped
    ? h("p", { class: "muted small" }, t("draft.stopped"))
    : failure(error, start));
}

/** The view of a draft on its way; `take` gets each step of the stream. */
function arriving() {
  const text = h("div", { class: "draft-text" });
  const label = h("span", { class: "small muted" }, t("draft.stage.starting"));
  put(output,
    h("div", { class: "draft-progress" }, h("i", { class: "spinner" }), label), text);
  announce(t("draft.stage.starting"));
  let sentences = 0;
  return {
    draft: null,
    take(step) {
      if (step.progress) label.textContent = stageText(step.progress);
      if (sentences && step.progress?.stage === "DRAFT_STAGE_WRITING") {
        // Whoever wrote failed in the middle: another one begins anew.
        text.replaceChildren();
        sentences = 0;
      }
      if (step.sentence) {
        text.append(...sentenceView(step.sentence).flat());
        sentences += 1;
        announce(count("draft.live", sentences));
      }
      if (step.draft) this.draft = step.draft;
    },
  };
}

function stageText(progress) {
  const stage = progress.stage.replace("DRAFT_STAGE_", "").toLowerCase();
  const text = t(`draft.stage.${stage}`);
  if (stage === "retrieving") return text;
  const dropped = progress.sentences_dropped
    ? ` · ${count("draft.dropped", progress.sentences_dropped)}` : "";
  return `${text} · ${count("draft.passages", progress.passages_found)}${dropped}`;
}

function show(found) {
  part.root.dataset.state = "ready";
  part.root.dataset.outcome = found.outcome;
  put(output, draftResult(found, { insert, copy, judge }));
  announce(found.outcome === "DRAFT_OUTCOME_NEEDS_HUMAN"
    ? t("draft.live_human")
    : `${t("draft.live_done")} ${count("draft.live", sentencesOf(found).length)}`);
}

const usable = () =>
  draft && !draft.voided && draft.outcome !== "DRAFT_OUTCOME_NEEDS_HUMAN" && draft.text;

/** Put the reply, without citation marks, into the helpdesk's reply box. */
export async function insert() {
  if (!usable()) return;
  if (host.tell("deskside.insert", { text: draft.text, draft_id: draft.draft_id })) {
    note(t("draft.inserted"));
  } else if (await host.copy(draft.text)) {
    note(t("draft.copied_paste"));
  }
}

/** Copy the reply without citation marks. */
export async function copy() {
  if (!usable()) return;
  note(await host.copy(draft.text) ? t("draft.copied") : t("draft.not_copied"));
}

/** Open the source with this number, as a click on its mark does. */
export function openSource(marker) {
  $(`.cite[data-marker="${marker}"]`, output)?.click();
}

async function judge(kind, buttons) {
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
  }
  try {
    await feedback({ kind });
    note(t("feedback.thanks"));
  } catch (error) {
    note(error.status === 403 ? t("error.forbidden.text") : t("feedback.failed"));
  }
}

/** The helpdesk says what was really sent: that is what a draft is judged by. */
export async function sent(text) {
  if (!usable()) return;
  const kind = text.trim() === draft.text.trim() ? "FEEDBACK_KIND_USED" : "FEEDBACK_KIND_EDITED";
  const edited = kind === "FEEDBACK_KIND_EDITED" ? { edited_text: text } : {};
  await feedback({ kind, ...edited }).catch(() => {});
}

function feedback(body) {
  const subject = { request_id: requestId(), draft_id: draft.draft_id };
  return post(`/api/tickets/${encodeURIComponent(ticketId)}/feedback`, { ...subject, ...body });
}

function note(text) {
  announce(text);
  const place = $(".draft-note", output);
  if (place) place.textContent = text;
}
