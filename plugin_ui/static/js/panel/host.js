/* The page around the panel. In the demo it is our own page, of the same origin. */

const here = window.location.origin;
const outside = window.parent !== window ? window.parent : null;
const listeners = new Map();

window.addEventListener("message", (event) => {
  if (event.source !== outside || event.origin !== here) return;
  listeners.get(event.data?.type)?.(event.data);
});

/** Call `handler` for messages of this type from the page around. */
export function on(type, handler) {
  listeners.set(type, handler);
}

/** Tell the page around; false when there is nobody to tell. */
export function tell(type, data = {}) {
  if (!outside) return false;
  outside.postMessage({ type, ...data }, here);
  return true;
}

/** Copy text; works in frames whose helpdesk withholds the clipboard, too. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("aria-hidden", "true");
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
