/* Small pictures where people would rather look than read. Each has words beside it. */

import { h, s } from "./dom.js";

const tone = (level) => ["", "warn", "danger"][level];

/** Priority 1..10 as ten bars. */
export function meter(value) {
  const level = value >= 8 ? 2 : value >= 5 ? 1 : 0;
  const bars = Array.from({ length: 10 }, (_, i) =>
    h("i", { class: i < value ? "on" : "" }));
  return h("span", { class: `meter ${tone(level)}`, "aria-hidden": "true" }, bars);
}

/** A share 0..1 as a track; `levels` says from where it is worrying. */
export function track(share, levels = [2, 2]) {
  const level = share >= levels[1] ? 2 : share >= levels[0] ? 1 : 0;
  const line = h("i", { vars: { "--share": String(share) } });
  return h("span", { class: `track ${tone(level)}`, "aria-hidden": "true" }, line);
}

const TRENDS = {
  SENTIMENT_TREND_IMPROVING: ["better", "M2 13 L12 11 L22 6 L34 3"],
  SENTIMENT_TREND_STABLE: ["", "M2 8 L12 8 L22 8 L34 8"],
  SENTIMENT_TREND_WORSENING: ["worse", "M2 3 L12 5 L22 10 L34 13"],
};

/** How the mood moves: a rising, level or falling line. */
export function trend(value) {
  const [kind, path] = TRENDS[value] ?? TRENDS.SENTIMENT_TREND_STABLE;
  const end = path.split("L").at(-1).split(" ");
  return s(
    "svg",
    { class: `trend ${kind}`, viewBox: "0 0 37 16", "aria-hidden": "true" },
    s("path", {
      d: path, fill: "none", stroke: "currentColor", "stroke-width": 2,
      "stroke-linecap": "round", "stroke-linejoin": "round",
    }),
    s("circle", { cx: end[0], cy: end[1], r: 2.5, fill: "currentColor" }),
  );
}

const PATHS = {
  alert: "M8 1.8l6.5 11.7h-13zM8 6.2v3.4M8 11.6v.2",
  check: "M2.8 8.6l3.2 3.2 7.2-7.6",
  copy: "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
  insert: "M2 13.5h12M8 2.5v7.5M4.7 7L8 10.3 11.3 7",
  up: "M5 14V7.2l2.6-5c1.4 0 1.9.9 1.6 2.2L8.7 6.6h4.5l-1 7.4zM2 7.2h3V14H2z",
  down: "M11 2v6.8l-2.6 5c-1.4 0-1.9-.9-1.6-2.2l.5-2.2H2.8l1-7.4zM14 8.8h-3V2h3z",
  clip: "M12.5 7.3l-4.9 4.9a3 3 0 0 1-4.3-4.3l5.4-5.4a2 2 0 0 1 2.9 2.9L6.4 10.6",
  lock: "M3.5 7.5h9v6h-9zM5.5 7.5v-2a2.5 2.5 0 0 1 5 0v2",
  spark: "M8 1.8l1.7 4.5L14.2 8l-4.5 1.7L8 14.2 6.3 9.7 1.8 8l4.5-1.7z",
  mail: "M1.8 3.5h12.4v9H1.8zM1.8 4l6.2 5 6.2-5",
  web: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM1.8 8h12.4M8 1.8c-4 3.6-4 8.8 0 12.4M8 1.8c4 3.6 4 8.8 0 12.4",
  chat: "M2 3h12v8H7l-3.5 2.8V11H2z",
  phone: "M3 2h3l1 3.5-1.7 1.2a9 9 0 0 0 4 4L10.500 9l3.500 1v3c-6 .8-11.800-5-11-11z",
  api: "M5.500 4L1.800 8l3.700 4M10.500 4l3.700 4-3.700 4",
};

/** An icon; it never stands without words for screen readers. */
export function icon(name) {
  return s(
    "svg",
    { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true", fill: "none",
      stroke: "currentColor", "stroke-width": 1.5, "stroke-linejoin": "round",
      "stroke-linecap": "round" },
    s("path", { d: PATHS[name] ?? PATHS.web }),
  );
}

/** Initials on a disc. */
export function avatar(name) {
  const parts = (name || "?").replace(/^Dr\.\s+/, "").trim().split(/\s+/);
  const letters = [parts[0], parts.length > 1 ? parts.at(-1) : ""]
    .map((part) => Array.from(part)[0] ?? "").join("");
  return h("span", { class: "avatar", "aria-hidden": "true" }, letters.toUpperCase());
}
