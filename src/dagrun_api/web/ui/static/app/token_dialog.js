/* The dialog that asks for a token, and the button that forgets it. */

import { forgetToken, keepToken, token } from "../shared/token.js";

const dialog = document.getElementById("token");
const field = dialog.querySelector("input");
const forget = document.getElementById("forget");

let answer;
let isDeclined = false;

/**
 * Show the complaint and ask for a token, once for all requests that wait; return whether one was given. Who has declined
 * is not asked again for what the page reads by itself, until `askAgain`.
 */
export function askForToken(complaint, isRead) {
  if (isDeclined && isRead) return Promise.resolve(false);
  answer ??= new Promise((resolve) => {
    dialog.querySelector("[role=alert]").textContent = complaint;
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "given"), { once: true });
    dialog.returnValue = "";
    dialog.showModal();
  }).finally(() => {
    answer = undefined;
    isDeclined = dialog.returnValue !== "given";
    field.value = "";
    forget.hidden = token() === null;
  });
  return answer;
}

/** Ask again from now on: the visitor has opened a view, or retries. */
export function askAgain() {
  isDeclined = false;
}

dialog.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  keepToken(field.value);
  dialog.close("given");
});
dialog.querySelector("[value=cancel]").addEventListener("click", () => dialog.close(""));

forget.hidden = token() === null;
forget.addEventListener("click", () => {
  forgetToken();
  // The page must no longer show what the token gave access to.
  location.reload();
});
