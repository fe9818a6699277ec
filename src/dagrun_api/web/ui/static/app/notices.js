/* What is said on every page: that the service is away, and short news for screen readers. */

import { element } from "../shared/elements.js";
import { pause } from "./pause.js";

const outage = document.getElementById("outage");
const status = document.getElementById("status");
const waiting = new Set();

/** Tell screen readers, when they have the time. */
export function announce(sentence) {
  status.textContent = sentence;
}

/**
 * Say that the service is away, for who waits for it, and return after so many seconds, or at once when told to.
 *
 * Rejects when the signal is aborted. What is shown stays until `isBack`.
 */
export function waitFor(who, sentence, seconds, signal) {
  waiting.add(who);
  const retry = element("button", { type: "button" }, "Try now");
  const text = `${sentence} What is shown may be old. Trying again in ${seconds} s.`;
  // The same words again would be read out again.
  if (outage.firstChild?.textContent !== text) outage.replaceChildren(element("p", {}, text), retry);
  return pause(seconds, signal, [outage.querySelector("button"), "click"]);
}

/** Take the banner away when nobody waits any more. */
export function isBack(who) {
  if (waiting.delete(who) && waiting.size === 0) {
    outage.replaceChildren();
    announce("The service answers.");
  }
}
