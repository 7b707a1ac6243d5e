/* What an agent may say about the wanted reply: purpose, tone, language, words. */

import { h } from "../dom.js";
import { icon } from "../draw.js";
import { languageName, t, word } from "../words.js";

const PURPOSES = ["INITIAL_RESPONSE", "STATUS_UPDATE", "CLARIFICATION", "ESCALATION", "RESOLUTION"];
const TONES = ["NEUTRAL", "FRIENDLY", "FORMAL", "EMPATHETIC"];
const LANGUAGES = ["de", "en", "es", "fr", "it", "nl", "pt"];

/** Build the form once; `ask` is called when it is sent. */
export function draftOptions(ask) {
  const purpose = select("purpose", PURPOSES.map((p) =>
    [`DRAFT_PURPOSE_${p}`, word("draft_purpose", `DRAFT_PURPOSE_${p}`)]));
  const tone = select("tone", [
    ["", t("draft.tone.default")],
    ...TONES.map((name) => [`TONE_${name}`, word("tone", `TONE_${name}`)]),
  ]);
  const language = select("language", [
    ["", t("draft.language.customer")],
    ...LANGUAGES.map((tag) => [tag, languageName(tag)]),
  ]);
  const instructions = h("textarea", {
    name: "instructions", rows: 2, maxlength: 2000,
    placeholder: t("draft.instructions.hint"), dir: "auto", id: "instructions",
  });
  const label = h("span", {});
  const button = h("button", { type: "submit", class: "primary", id: "draft-button" }, label);
  const root = h("form", { class: "stack tight" },
    h("div", { class: "ask" },
      h("label", {}, h("span", { class: "sr-only" }, t("draft.purpose")), purpose), button),
    h("details", {},
      h("summary", {}, t("draft.options")),
      h("div", { class: "options" },
        labelled("draft.tone", tone),
        labelled("draft.language", language),
        labelled("draft.instructions", instructions, "wide"))),
  );
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  instructions.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask();
  });
  return {
    root,
    values: () => ({
      purpose: purpose.value,
      ...(tone.value ? { tone: tone.value } : {}),
      ...(language.value ? { language: language.value } : {}),
      ...(instructions.value.trim() ? { instructions: instructions.value.trim() } : {}),
    }),
    button(state) {
      label.replaceChildren(t(`draft.button.${state}`));
      button.classList.toggle("primary", state === "first");
      if (!button.querySelector(".icon")) button.prepend(icon("spark"));
    },
  };
}

function select(name, choices) {
  return h("select", { name }, choices.map(([value, text]) => h("option", { value }, text)));
}

function labelled(key, control, extra = "") {
  return h("label", { class: extra }, t(key), control);
}
