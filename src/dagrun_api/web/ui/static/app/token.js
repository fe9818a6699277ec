/* The token: asked for when the service wants one, and kept for this tab and this service, nowhere else. */

const KEY = `dagrun-api token of ${location.pathname}`;
const dialog = document.getElementById("token");
const field = dialog.querySelector("input");
const forget = document.getElementById("forget");

let asking;

/** Return the token; null when there is none. */
export const token = () => sessionStorage.getItem(KEY);

/** Return the header that carries the token; its bytes are UTF-8, which a header takes only as single characters. */
export function credentials() {
  const bytes = new TextEncoder().encode(token() ?? "");
  return bytes.length ? { Authorization: `Bearer ${String.fromCharCode(...bytes)}` } : {};
}

/** Ask for a token, once for all who wait; false when none is given. Begins with a sentence about the one before. */
export function ask(complaint) {
  asking ??= new Promise((resolve) => {
    dialog.querySelector("[role=alert]").textContent = complaint;
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "given"), { once: true });
    dialog.returnValue = "";
    dialog.showModal();
  }).finally(() => {
    asking = undefined;
    field.value = "";
    forget.hidden = token() === null;
  });
  return asking;
}

dialog.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, field.value.trim());
  dialog.close("given");
});
dialog.querySelector("[value=leave]").addEventListener("click", () => dialog.close(""));

forget.hidden = token() === null;
forget.addEventListener("click", () => {
  sessionStorage.removeItem(KEY);
  forget.hidden = true;
  // What it opened is shown no longer.
  location.reload();
});
