/* The person's ten-minute bearer: in this page's memory, nowhere else. */

import { request } from "./api.js";

// Renewed this long before it ends, so that a slow call still finds it valid.
const EARLY_MS = 90_000;
let token = "";
let timer = 0;
let onEnd = () => {};
let renewal = Promise.resolve();

export const bearer = () => token;

/** Use a session and keep it alive; `ended` is called once when that fails. */
export function hold(session, ended) {
  token = session.token;
  onEnd = ended ?? onEnd;
  clearTimeout(timer);
  const left = new Date(session.expires_at).getTime() - Date.now();
  timer = setTimeout(renew, Math.max(left - EARLY_MS, 5_000));
}

async function renew() {
  let done = () => {};
  renewal = new Promise((resolve) => (done = resolve));
  try {
    const { session } = await request("POST", "/api/session/refresh", { body: {} });
    hold(session);
  } catch (error) {
    if (error.status === 401) end();
    else timer = setTimeout(renew, 10_000);
  } finally {
    done();
  }
}

/** Wait for a renewal under way: it ends the bearer that a call may have carried. */
export const settled = () => renewal;

function end() {
  clearTimeout(timer);
  token = "";
  onEnd();
}

/** Forget the session here and end it in the sidecar. */
export async function leave() {
  try {
    await request("POST", "/api/session/revoke", { body: {} });
  } finally {
    clearTimeout(timer);
    token = "";
  }
}

/** Enter the demonstration as `role`; answers the session. */
export async function enterDemo(role, ended) {
  const { session } = await request("POST", "/api/session/demo", { body: { role } });
  hold(session, ended);
  return session;
}

/** Sign in with a password; answers the session. */
export async function signIn(email, password, ended) {
  const body = { email, password };
  const { session } = await request("POST", "/api/session/password", { body });
  hold(session, ended);
  return session;
}
