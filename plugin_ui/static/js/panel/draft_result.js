/* A finished draft: what may be done with it, shown as honestly as it was judged. */

import { h, said } from "../dom.js";
import { icon } from "../draw.js";
import { count, languageName, percent, t, word } from "../words.js";
import { badge, warningsView } from "./classification.js";
import { sentenceView } from "./sources.js";

const TONE = {
  DRAFT_OUTCOME_READY: "ok", DRAFT_OUTCOME_SUGGESTED: "warn",
  DRAFT_OUTCOME_NEEDS_HUMAN: "danger",
};

/** The sentences of a draft; an old one without them is one sentence. */
export function sentencesOf(draft) {
  if (draft.sentences.length) return draft.sentences;
  return draft.text ? [{ text: draft.text, citations: [], states_fact: false }] : [];
}

/** Nodes for a finished draft; `act` has insert, copy and judge. */
export function draftResult(draft, act) {
  if (draft.outcome === "DRAFT_OUTCOME_NEEDS_HUMAN") return needsHuman(draft, act);
  return [
    draft.voided ? h("p", { class: "notice warn" }, t("draft.voided")) : null,
    outcome(draft),
    h("div", { class: "draft-text" }, sentencesOf(draft).map(sentenceView)),
    warningsView(draft.warnings),
    h("div", { class: "actions" },
      h("button", {
        type: "button", class: "primary", disabled: draft.voided, id: "insert",
        on: { click: act.insert },
      }, icon("insert"), t("draft.insert")),
      h("button", {
        type: "button", disabled: draft.voided, id: "copy", on: { click: act.copy },
      }, icon("copy"), t("draft.copy")),
      h("span", { class: "grow" }),
      feedback(act)),
    h("p", { class: "draft-note tiny muted" }),
  ];
}

function outcome(draft) {
  const facts = sentencesOf(draft).filter((sentence) => sentence.states_fact);
  const backed = facts.filter((sentence) => sentence.citations.length).length;
  return h("div", { class: "outcome" },
    badge(word("draft_outcome", draft.outcome), TONE[draft.outcome]),
    h("span", { class: "tiny muted" },
      [
        facts.length ? t("draft.backed", { n: backed, of: facts.length }) : t("draft.no_facts"),
        t("draft.confidence", { share: percent(draft.confidence) }),
        languageName(draft.language),
      ].join(" · ")));
}

function needsHuman(draft, act) {
  const blocker = draft.blocker ?? "BLOCKER_UNSPECIFIED";
  return [
    h("div", { class: "notice warn", data: { blocker } },
      h("p", {}, h("strong", {}, `${t("draft.needs_human")}: ${word("blocker", blocker)}`)),
      draft.blocker_text ? said("p", draft.blocker_text, { class: "small" }) : null,
      draft.missing_information.length
        ? h("div", { class: "small" }, t("draft.ask_for"),
          h("ul", { class: "summary-list" },
            draft.missing_information.map((item) => said("li", item))))
        : null),
    warningsView(draft.warnings),
    h("div", { class: "actions" },
      h("span", { class: "tiny muted grow" },
        draft.sentences.length ? count("draft.kept_back", draft.sentences.length) : ""),
      feedback(act)),
    h("p", { class: "draft-note tiny muted" }),
  ];
}

function feedback(act) {
  const buttons = [
    judgement("FEEDBACK_KIND_HELPFUL", "up", "feedback.helpful"),
    judgement("FEEDBACK_KIND_NOT_HELPFUL", "down", "feedback.not_helpful"),
  ];
  for (const button of buttons) {
    button.addEventListener("click", () => act.judge(button.dataset.kind, buttons));
  }
  return h("span", { class: "row", role: "group", "aria-label": t("feedback.title") }, buttons);
}

function judgement(kind, picture, key) {
  return h("button", {
    type: "button", class: "square", "aria-pressed": "false", "aria-label": t(key),
    title: t(key), data: { kind },
  }, icon(picture));
}
