/* What the ticket is about and how much it matters, and the words that say so. */

import { h, said, slice } from "../dom.js";
import { icon, meter, track, trend } from "../draw.js";
import { count, languageName, number, percent, pretty, score, t, word } from "../words.js";
import { tell } from "./host.js";

export const SEVERITY_TONE = {
  SEVERITY_LOW: "", SEVERITY_NORMAL: "info", SEVERITY_HIGH: "warn",
  SEVERITY_CRITICAL: "danger",
};
export const SENTIMENT_TONE = {
  SENTIMENT_POSITIVE: "ok", SENTIMENT_NEUTRAL: "", SENTIMENT_NEGATIVE: "warn",
  SENTIMENT_ANGRY: "danger",
};
// Above this a person should look now (the contract's own limit).
const RISK_NOW = 0.7;

/** Nodes for a classification; `ticket` supplies the words that reasons point at. */
export function classificationView(found, ticket) {
  return [
    intentView(found),
    h("dl", { class: "facts" },
      fact("severity", badge(word("severity", found.severity), SEVERITY_TONE[found.severity])),
      fact("sentiment",
        badge(word("sentiment", found.sentiment), SENTIMENT_TONE[found.sentiment]),
        trend(found.sentiment_trend),
        h("span", { class: "sr-only" }, word("sentiment_trend", found.sentiment_trend))),
      fact("priority",
        h("span", { class: "num" }, number(found.priority),
          h("span", { class: "of" }, t("fact.of_ten"))),
        meter(found.priority)),
      fact("risk",
        h("span", { class: "num" }, score(found.risk)),
        track(found.risk, [0.4, RISK_NOW]),
        found.risk > RISK_NOW ? h("span", { class: "sr-only" }, t("fact.look_now")) : null),
      fact("language", h("span", {}, languageName(found.language))),
      fact("category", h("span", {}, abstains(found.category)
        ? t("fact.unsure") : pretty(found.category.value))),
    ),
    choices(found.intent),
    reasonsView(found.reasons, ticket),
    warningsView(found.warnings),
  ];
}

const abstains = (prediction) =>
  !prediction?.value || prediction.decision === "DECISION_ABSTAIN";

function intentView({ intent }) {
  const unsure = abstains(intent);
  return h("div", { class: "intent" },
    h("strong", {}, unsure ? t("fact.unsure_intent") : pretty(intent.value)),
    unsure ? null : h("span", {
      class: "badge accent num",
      title: t("fact.confidence_title"),
    }, h("span", { class: "sr-only" }, t("fact.confidence")), percent(intent.confidence)),
  );
}

function choices(intent) {
  const found = intent?.alternatives ?? [];
  if (found.length < 2) return null;
  return h("details", { open: abstains(intent) },
    h("summary", {}, t("fact.top_three")),
    h("ul", { class: "choices" }, found.slice(0, 3).map((choice) =>
      h("li", {}, h("span", {}, pretty(choice.value)), track(choice.confidence),
        h("span", { class: "num muted" }, percent(choice.confidence))))),
  );
}

function fact(name, ...value) {
  return h("div", { class: "fact" }, h("dt", {}, t(`fact.${name}`)), h("dd", {}, value));
}

export function badge(text, tone = "", props = {}) {
  return h("span", { class: `badge ${tone}`, ...props }, text);
}

function reasonsView(reasons, ticket) {
  if (!reasons?.length) return null;
  return h("details", { open: true },
    h("summary", {}, t("fact.why"), " ", h("span", { class: "muted" }, `(${number(reasons.length)})`)),
    h("ul", { class: "reasons" }, reasons.slice(0, 8).map((r) => reasonView(r, ticket))),
    reasons.length > 8 ? h("p", { class: "tiny muted" }, count("fact.more", reasons.length - 8)) : null,
  );
}

/** One reason with the words it rests on; a click shows them in the conversation. */
export function reasonView(reason, ticket) {
  const words = wordsOf(reason.span, ticket);
  const text = reason.text || word("reason_code", reason.code);
  const field = reason.field ? t(`fact.${reason.field.replace("CLASSIFICATION_FIELD_", "").toLowerCase()}`) : "";
  const at = words ? text.indexOf(words) : -1;
  const button = words ? h("button", {
    type: "button", class: "words", dir: "auto", title: t("fact.show_words"),
    on: { click: () => tell("deskside.show", { span: reason.span }) },
  }, words) : null;
  return h("li", {},
    field ? h("span", { class: "for" }, field, " · ") : null,
    at < 0
      ? [said("span", text), " ", button]
      : h("span", { dir: "auto" }, text.slice(0, at), button, text.slice(at + words.length)),
  );
}

function wordsOf(span, ticket) {
  if (!span || !ticket || span.end <= span.start) return "";
  const text = span.message_id
    ? ticket.messages.find((message) => message.id === span.message_id)?.body
    : ticket[span.field];
  if (typeof text !== "string") return "";
  const words = slice(text, span.start, span.end).replace(/\s+/g, " ").trim();
  return words.length > 90 ? `${words.slice(0, 88)}…` : words;
}

export function warningsView(warnings) {
  if (!warnings?.length) return null;
  return h("ul", { class: "warnings" }, warnings.map((warning) =>
    h("li", {}, icon("alert"), h("span", {}, word("warning", warning)))));
}
