/* The catalogue in the page's language, and numbers and times in the reader's way. */

const words = JSON.parse(document.getElementById("words").textContent);
export const language = document.documentElement.lang;
// Numbers and dates follow the browser's own region where the language agrees.
const locale = navigator.languages.find((l) => l.startsWith(language)) ?? language;

/** The sentence under a key, with {names} filled in. */
export function t(key, values = {}) {
  const found = words[key] ?? key;
  return found.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

const plurals = new Intl.PluralRules(locale);
/** A sentence that counts: key.one, key.other. */
export function count(key, n) {
  return t(`${key}.${plurals.select(n)}`, { n: number(n) });
}

/** The word of an enum, such as enum.severity.high for SEVERITY_HIGH. */
export function word(kind, value) {
  const short = value.toLowerCase().replace(`${kind}_`, "");
  const key = `enum.${kind}.${short}`;
  return words[key] ?? pretty(short);
}

/** A key of the taxonomy as people would write it. */
export function pretty(key) {
  const text = (key ?? "").replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const number = (n) => new Intl.NumberFormat(locale).format(n);
export const percent = (share) =>
  new Intl.NumberFormat(locale, { style: "percent" }).format(share);
export const score = (share) =>
  new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
    .format(share);
export const bytes = (n) =>
  new Intl.NumberFormat(locale, {
    style: "unit",
    unit: n < 1e6 ? "kilobyte" : "megabyte",
    maximumFractionDigits: 1,
  }).format(n < 1e6 ? n / 1e3 : n / 1e6);

let names;
/** A language's name in the reader's language. */
export function languageName(tag) {
  if (!tag || tag === "und") return t("language.unclear");
  try {
    names ??= new Intl.DisplayNames([locale], { type: "language" });
    return names.of(tag);
  } catch {
    return tag;
  }
}

const full = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
const STEPS = [["minute", 60], ["hour", 3600], ["day", 86400]];

function ago(date) {
  const seconds = (date.getTime() - Date.now()) / 1000;
  if (Math.abs(seconds) < 45) return t("time.now");
  if (Math.abs(seconds) > 6.5 * 86400) return day.format(date);
  const [unit, size] = STEPS.findLast(([, s]) => Math.abs(seconds) >= s) ?? STEPS[0];
  return relative.format(Math.round(seconds / size), unit);
}

/** A <time> in the viewer's zone; the exact moment is its title. */
export function when(timestamp, props = {}) {
  if (!timestamp) return null;
  const date = new Date(timestamp);
  const element = document.createElement("time");
  element.dateTime = timestamp;
  element.title = full.format(date);
  element.textContent = props.exact ? full.format(date) : ago(date);
  return element;
}
