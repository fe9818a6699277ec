/* The banner that says that the service is away. */

import { element } from "../shared/elements.js";
import { announce } from "./announce.js";
import { redraw } from "./focus.js";
import { sleep } from "./sleep.js";

const banner = document.getElementById("outage");
const button = element("button", { type: "button" }, "Retry now");
const waiting = new Set();

/**
 * Show the banner for a request, which any object may stand for. Resolve when it is time to retry: after some seconds,
 * or when the visitor clicks. Reject when the signal is aborted. The banner stays until `endOutage`.
 */
export function waitToRetry(request, sentence, seconds, signal) {
  waiting.add(request);
  const text = `${sentence} The data shown may be out of date. Retrying in ${seconds} s.`;
  if (!button.isConnected) banner.replaceChildren(element("p"), button);
  // Screen readers would read the same sentence out again.
  if (banner.firstChild.textContent !== text) banner.firstChild.textContent = text;
  return sleep(seconds, signal, [button, "click"]);
}

/** End the wait of a request; remove the banner when it was the last. */
export function endOutage(request) {
  if (waiting.delete(request) && waiting.size === 0) {
    redraw(banner, () => banner.replaceChildren(), document.querySelector("main h1"));
    announce("The service is available again.");
  }
}
