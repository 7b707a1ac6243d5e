/* Administration: sign in, then an overview of what the sidecar holds and does. */

import { $, h, put } from "../dom.js";
import { failure } from "../part.js";
import { enterDemo, leave, signIn } from "../session.js";
import { t, word } from "../words.js";
import * as documents from "./documents.js";
import * as escalations from "./escalations.js";
import * as status from "./status.js";
import * as taxonomy from "./taxonomy.js";

const boot = JSON.parse($("#boot").textContent);
const content = $("#content");

function signInForm(reason) {
  $("#sign-out").hidden = true;
  $("#who").textContent = "";
  const email = h("input", { name: "email", type: "email", autocomplete: "username", required: true });
  const password = h("input", {
    name: "password", type: "password", autocomplete: "current-password", required: true,
  });
  const problem = h("div", { role: "alert" }, reason ? h("p", { class: "notice warn" }, reason) : null);
  const form = h("form", { class: "card sign-in stack" },
    h("h2", {}, t("admin.sign_in")),
    problem,
    h("label", {}, t("admin.email"), email),
    h("label", {}, t("admin.password"), password),
    h("button", { type: "submit", class: "primary" }, t("admin.sign_in")),
    boot.demo
      ? h("button", { type: "button", id: "demo-admin", on: { click: () => enter(problem, () => enterDemo("ROLE_ADMIN", ended)) } }, t("admin.demo"))
      : null);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enter(problem, () => signIn(email.value, password.value, ended));
    password.value = "";
  });
  put(content, form);
  email.focus();
}

async function enter(problem, open) {
  try {
    overview(await open());
  } catch (error) {
    put(problem, error.reason === "CREDENTIALS_INVALID"
      ? h("p", { class: "notice danger" }, t("admin.wrong")) : failure(error));
  }
}

const ended = () => signInForm(t("admin.session_over"));

function overview({ member }) {
  $("#who").textContent = `${member.name} · ${word("role", member.role)}`;
  $("#sign-out").hidden = false;
  put(content, [status, documents, escalations, taxonomy].map((one) => section(one.NAME)));
  for (const one of [status, documents, escalations, taxonomy]) one.open();
}

function section(name) {
  return h("section", { class: "part card", data: { part: name }, "aria-labelledby": `${name}-title` },
    h("header", {}, h("h2", { id: `${name}-title` }, t(`admin.${name}`)),
      h("div", { class: "part-tools row" })),
    h("div", { class: "part-body stack" }));
}

$("#sign-out").addEventListener("click", async () => {
  await leave().catch(() => {});
  signInForm();
});
signInForm();
