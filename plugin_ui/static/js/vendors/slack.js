/* A message of Slack, drawn from its blocks. Its links lead out of the demo: only words. */

import { h } from "../dom.js";
import { when } from "../words.js";

const MARK = /<([^<>|]+)(?:\|([^<>]*))?>|\*([^*\n]+)\*/g;
const PERSON = "Robin";

const plain = (text) => text
  .replace(/:[a-z_]+: ?/g, "")
  .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

function rich(text = "") {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(MARK)) {
    const [whole, target, label, bold] = found;
    nodes.push(plain(text.slice(at, found.index)));
    if (bold) nodes.push(h("strong", {}, rich(bold)));
    else if (target.startsWith("!date^")) nodes.push(when(Number(target.split("^")[1]) * 1000));
    else nodes.push(h("u", {}, plain(label ?? target)));
    at = found.index + whole.length;
  }
  nodes.push(plain(text.slice(at)));
  return nodes;
}

const BLOCKS = {
  header: ({ text }) => h("h3", {}, plain(text.text)),
  section: ({ text, fields }) => [
    text ? h("div", { class: "slack-text" }, rich(text.text)) : null,
    fields ? h("div", { class: "slack-fields" }, fields.map((field) => h("div", {}, rich(field.text)))) : null,
  ],
  context: ({ elements }) => h("div", { class: "tiny muted" }, elements.map((one) => h("span", {}, rich(one.text)))),
};

function actions({ elements }, ts, press) {
  return h("div", { class: "row" }, elements.map((one) => h("button", {
    type: "button", class: one.style === "primary" ? "primary" : "", data: { action: one.action_id },
    on: { click: (event) => press(ts, one.action_id, event.currentTarget) },
  }, one.text?.text ?? `${one.placeholder.text} ${PERSON}`)));
}

/** Draw a message; `press` gets its time stamp, the action and the button. */
export function message({ ts, thread_ts: thread, text, blocks }, press) {
  const parts = (blocks ?? []).map((block) =>
    block.type === "actions" ? actions(block, ts, press) : BLOCKS[block.type]?.(block));
  return h("article", { class: `card stack tight ${thread ? "slack-reply" : ""}`, data: { ts } },
    parts.length ? parts : h("div", { class: "slack-text" }, rich(text)));
}
