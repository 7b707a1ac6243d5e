/* Calls to this server. Every failure is an ApiError that says what may be done. */

import { bearer, settled } from "./session.js";

export class ApiError extends Error {
  constructor(status, error = {}) {
    super(error.message ?? "");
    this.status = status;
    this.reason = error.reason ?? "";
    this.retryAfter = error.retry_after ?? null;
    this.requestId = error.request_id ?? "";
    this.details = error.details ?? [];
  }

  /** The sidecar, or this server, did not answer. */
  get unreachable() {
    return this.status === 0 || this.status === 503 || this.status === 504;
  }
}

const RENEWAL = "/api/session/refresh";
// So long a part may stay empty before a person is asked to decide.
const SHORT_WAIT_S = 10;

/** One call; `options`: body, query, signal. */
export async function request(verb, path, options = {}) {
  for (let attempt = 0; ; attempt += 1) {
    const used = bearer();
    const response = await send(verb, path, options);
    const body = await response.json().catch(() => ({}));
    if (response.ok) return body;
    const error = new ApiError(response.status, body.error);
    if (response.status === 401 && attempt === 0 && path !== RENEWAL) {
      await settled();
      if (bearer() && bearer() !== used) continue;
    }
    const wait = error.retryAfter ?? Infinity;
    if (response.status !== 429 || attempt > 1 || wait > SHORT_WAIT_S) throw error;
    await new Promise((done) => setTimeout(done, wait * 1000 + 50));
  }
}

export const get = (path, options) => request("GET", path, options);
export const post = (path, body = {}, options = {}) =>
  request("POST", path, { ...options, body });
export const remove = (path, options) => request("DELETE", path, options);

/** Send once per click however often the network repeats it. */
export const requestId = () => crypto.randomUUID();

/** Read a stream of JSON lines; `onStep` gets each; throws ApiError like `request`. */
export async function stream(path, body, onStep, signal) {
  const response = await send("POST", path, { body, signal });
  if (!response.ok) {
    const failed = await response.json().catch(() => ({}));
    throw new ApiError(response.status, failed.error);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    rest += value ?? "";
    const lines = rest.split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const step = JSON.parse(line);
      if (step.error) throw new ApiError(502, step.error);
      onStep(step);
    }
    if (done) return;
  }
}

async function send(verb, path, { body, query, signal } = {}) {
  const headers = {};
  if (bearer()) headers.Authorization = `Bearer ${bearer()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const search = query ? `?${new URLSearchParams(query)}` : "";
  try {
    return await fetch(path + search, {
      method: verb,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
      cache: "no-store",
      credentials: "omit",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, { reason: "PANEL_UNREACHABLE" });
  }
}
