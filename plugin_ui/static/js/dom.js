/* Elements from data. Text goes in as text nodes only: nothing here parses markup. */

const SVG = "http://www.w3.org/2000/svg";

/** Make an element: h("button", { class: "x", on: { click: f } }, "text", child). */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function s(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, handler] of Object.entries(value)) {
        element.addEventListener(event, handler);
      }
    } else if (name === "vars") {
      for (const [key, v] of Object.entries(value)) element.style.setProperty(key, v);
    } else if (name === "data") {
      Object.assign(element.dataset, value);
    } else if (name === "value") {
      element.value = value;
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child);
  }
}

/** Replace everything inside an element. */
export function put(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

export const $ = (selector, root = document) => root.querySelector(selector);

/** Words of other people: they may run in either direction. */
export function said(tag, text, props = {}) {
  return h(tag, { dir: "auto", ...props }, text);
}

/** Slice by Unicode code points, as the contract counts. */
export function slice(text, start, end) {
  return Array.from(text).slice(start, end).join("");
}

/** Text with some spans (code points, may overlap) marked. */
export function marked(text, spans) {
  const letters = Array.from(text);
  const nodes = [];
  let at = 0;
  for (const { start = 0, end = 0 } of [...spans].sort((a, b) => a.start - b.start)) {
    const from = Math.max(start, at);
    if (end <= from || from >= letters.length) continue;
    nodes.push(letters.slice(at, from).join(""));
    nodes.push(h("mark", {}, letters.slice(from, end).join("")));
    at = end;
  }
  nodes.push(letters.slice(at).join(""));
  return nodes;
}

/** Text with the first occurrence of a quote marked. */
export function quoted(text, quote) {
  const at = quote ? text.indexOf(quote) : -1;
  if (at < 0) return [text];
  return [text.slice(0, at), h("mark", {}, quote), text.slice(at + quote.length)];
}

/** A link, only where the address is an ordinary web address; else nothing. */
export function link(url, label, props = {}) {
  if (!/^https?:\/\//i.test(url ?? "")) return null;
  const opens = { href: url, target: "_blank", rel: "noopener noreferrer" };
  return h("a", { ...opens, ...props }, label);
}

let live;
/** Say something to screen readers. */
export function announce(text) {
  live ??= $("#live");
  if (live) live.textContent = text;
}

/** Show a dialog's content; closes by Escape and by its own button. */
export function openDialog(dialog, ...content) {
  put(dialog, ...content);
  dialog.showModal();
}
