/* The pages by their address: title, heading, focus, and what is said when one cannot be shown. */

import { parse } from "./addresses.js";
import { Failure } from "./api.js";
import * as batch from "./batch.js";
import * as dag from "./dag.js";
import * as dags from "./dags.js";
import { element } from "../shared/elements.js";
import * as run from "./run.js";

const main = document.getElementById("main");

const PAGES = new Map([
  ["dags", dag],
  ["batches", batch],
  ["runs", run],
]);

let leaving = new AbortController();

/** Show the page of the address. Each is asked for its `heading`, and to `show` itself until the signal is aborted. */
async function open() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const address = parse(location.hash);
  const [kind, id, ...more] = address?.segments ?? ["?"];
  const page = kind === "" ? dags : id && more.length === 0 ? PAGES.get(kind) : undefined;
  const where = { id, query: address?.query };
  const heading = element("h1", { tabindex: "-1" }, ...(page?.heading(where) ?? ["There is no such page"]));
  const message = element("div", { role: "alert", class: "message" });
  const outlet = element("div", { "aria-busy": "true" }, element("p", {}, "Loading…"));
  // Tells a failure to the reader, or with null that there is none any more.
  const report = (failure) => {
    if (signal.aborted) return;
    message.replaceChildren();
    if (failure === null) return;
    // It stands in the console then, for whoever has to find it.
    if (!(failure instanceof Failure)) reportError(failure);
    message.append(element("p", {}, failure instanceof Failure ? failure.message : `This page has failed: ${failure}`));
  };
  main.replaceChildren(heading, message, outlet);
  document.title = `${heading.textContent} · dagrun-api`;
  for (const each of document.querySelectorAll("nav a")) {
    each.toggleAttribute("aria-current", false);
    if (kind === "" && each.hash === "#/") each.setAttribute("aria-current", "page");
  }
  if (page === undefined) {
    outlet.replaceChildren(element("p", {}, element("a", { href: "#/" }, "All DAGs")));
    return;
  }
  try {
    await page.show(outlet, { ...where, signal, report });
  } catch (failure) {
    report(failure);
    if (signal.aborted) return;
    message.append(element("button", { type: "button", click: open }, "Try again"));
    if (outlet.hasAttribute("aria-busy")) outlet.replaceChildren();
  }
}

window.addEventListener("hashchange", () => {
  open();
  window.scrollTo(0, 0);
  main.querySelector("h1").focus();
});

document.querySelector("a.skip").addEventListener("click", (event) => {
  // Its address would be taken for that of a page.
  event.preventDefault();
  main.querySelector("h1").focus();
});

open();
