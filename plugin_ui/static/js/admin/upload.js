/* One file on its way: sent, then read and indexed by the sidecar. */

import { ApiError, get } from "../api.js";
import { announce, h, put } from "../dom.js";
import { failure } from "../part.js";
import { bearer } from "../session.js";
import { t } from "../words.js";

const LOOK_AGAIN_MS = 400;

/** Send a file and follow it; `done` is called when it can be found. */
export async function upload(file, header, place, done) {
  const bar = h("progress", { max: 100, value: 0, "aria-label": t("admin.uploading") });
  const label = h("p", { class: "small" }, t("admin.uploading"));
  put(place, label, bar);
  try {
    const answer = await send(file, header, (share) => (bar.value = share * 100));
    if (answer.unchanged) label.textContent = t("admin.unchanged");
    else await follow(answer.document.document_id, bar, label);
    bar.remove();
    announce(label.textContent);
    if (!label.dataset.failed) setTimeout(done, 600);
  } catch (error) {
    put(place, failure(error));
  }
}

// fetch cannot tell how much of a body is sent; XMLHttpRequest can.
function send(file, header, onShare) {
  const form = new FormData();
  form.append("header", JSON.stringify(header));
  form.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", "/api/documents");
    call.setRequestHeader("Authorization", `Bearer ${bearer()}`);
    call.responseType = "json";
    call.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onShare(event.loaded / event.total);
    });
    call.addEventListener("error", () => reject(new ApiError(0)));
    call.addEventListener("load", () => {
      if (call.status < 300) resolve(call.response);
      else reject(new ApiError(call.status, call.response?.error));
    });
    call.send(form);
  });
}

// The document itself says how far it is, whichever process works on it.
async function follow(id, bar, label) {
  bar.removeAttribute("value");
  label.textContent = t("admin.indexing");
  for (;;) {
    const { document: now } = await get(`/api/documents/${encodeURIComponent(id)}`);
    if (now.state === "DOCUMENT_STATE_READY") {
      label.textContent = t("admin.indexed");
      return;
    }
    if (now.state === "DOCUMENT_STATE_FAILED") {
      label.dataset.failed = "1";
      label.textContent = `${t("admin.not_indexed")} ${now.error_message}`;
      return;
    }
    await new Promise((next) => setTimeout(next, LOOK_AGAIN_MS));
  }
}
