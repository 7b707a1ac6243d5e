/* One-letter shortcuts, listed under ?; they can be switched off (WCAG 2.1.4). */

import { $, h, openDialog } from "../dom.js";
import { t } from "../words.js";

let enabled = true;

/** Listen for the keys of `actions`: { key: [text key, function] }. */
export function listen(actions) {
  const help = () => openDialog($("#shortcuts"), content(actions));
  const all = { ...actions, "?": ["keys.help", help] };
  $("#help").addEventListener("click", help);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if ($("dialog[open]") || (!enabled && event.key !== "?")) return;
    const action = all[event.key];
    if (!action) return;
    event.preventDefault();
    action[1](event.key);
  });
}

function content(actions) {
  const box = h("input", { type: "checkbox", id: "keys-on" });
  box.checked = enabled;
  box.addEventListener("change", () => (enabled = box.checked));
  const rows = [...Object.entries(actions), ["?", ["keys.help"]]];
  // The nine digits do one thing and come first in an object: one line, last.
  const shown = [...rows.filter(([key]) => !/\d/.test(key)), ...rows.filter(([key]) => key === "1")];
  return h("div", { class: "stack" },
    h("h2", { id: "shortcuts-title" }, t("panel.shortcuts")),
    h("dl", { class: "shortcuts" }, shown.map(([key, [text]]) => [
      h("dt", {}, h("kbd", {}, key === "1" ? "1 – 9" : key)), h("dd", {}, t(text))])),
    h("p", { class: "row" }, box, h("span", {}, h("label", { for: "keys-on" }, t("keys.enabled")))),
    h("form", { method: "dialog" }, h("button", {}, t("page.close"))));
}
