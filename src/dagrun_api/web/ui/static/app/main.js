/* The entry point: shows the view of the address, with its title, heading and focus, and what keeps it from showing. */

import { element } from "../shared/elements.js";
import { parse } from "./addresses.js";
import { Failure } from "./api.js";
import { showInstallation } from "./installation.js";
import { askAgain } from "./token_dialog.js";
import * as batchPage from "../batch/batch_page.js";
import * as batchesPage from "../batches/batches_page.js";
import * as dagPage from "../dag/dag_page.js";
import * as homePage from "../home/home_page.js";
import * as runPage from "../run/run_page.js";

/** Each view gives its `heading`, and can `show` itself until the signal is aborted. These are about all of a kind. */
const LISTS = new Map([
  ["", homePage],
  ["batches", batchesPage],
]);
/** And these about the one whose id follows. */
const PAGES = new Map([
  ["dags", dagPage],
  ["batches", batchPage],
  ["runs", runPage],
]);

const main = document.getElementById("main");

let leaving = new AbortController();

/** Return the view of an address and what it is about; no page when there is none. */
function route(hash) {
  const address = parse(hash);
  if (address === null) return {};
  const [kind, id, ...more] = address.segments;
  const page = id ? (more.length ? undefined : PAGES.get(kind)) : LISTS.get(kind);
  return { page, id, query: address.query };
}

async function open() {
  leaving.abort();
  leaving = new AbortController();
  askAgain();
  const { signal } = leaving;
  const { page, ...target } = route(location.hash);
  const heading = element("h1", { tabindex: "-1" }, ...(page?.heading(target) ?? ["Page not found"]));
  const message = element("div", { role: "alert", class: "message" });
  const outlet = element("div", { "aria-busy": "true" }, element("p", {}, "Loading…"));
  main.replaceChildren(heading, message, outlet);
  document.title = `${heading.textContent} · dagrun-api`;
  markCurrent(page);
  if (page === undefined) {
    outlet.replaceChildren(element("p", {}, element("a", { href: "#/" }, "All DAGs")));
    return;
  }

  /** Show a failure; null removes the last one. */
  const report = (failure) => {
    if (!signal.aborted) message.replaceChildren(...describe(failure));
  };
  try {
    await page.show(outlet, { ...target, signal, report });
  } catch (failure) {
    report(failure);
    if (signal.aborted) return;
    message.append(element("button", { type: "button", click: reopen }, "Retry"));
    if (outlet.hasAttribute("aria-busy")) outlet.replaceChildren();
  }
}

function describe(failure) {
  if (failure === null) return [];
  if (failure instanceof Failure) return [element("p", {}, failure.message)];
  // A mistake in this page also goes to the console, with its stack.
  reportError(failure);
  return [element("p", {}, `Something went wrong on this page: ${failure}`)];
}

function markCurrent(page) {
  for (const item of document.querySelectorAll('nav a[href^="#/"]')) {
    const isCurrent = LISTS.get(item.hash.slice(2)) === page;
    if (isCurrent) item.setAttribute("aria-current", "page");
    else item.removeAttribute("aria-current");
  }
}

function reopen() {
  open();
  window.scrollTo(0, 0);
  main.querySelector("h1").focus();
}

window.addEventListener("hashchange", reopen);

document.querySelector("a.skip").addEventListener("click", (event) => {
  // As an address it would be taken for a view.
  event.preventDefault();
  main.querySelector("h1").focus();
});

open();
showInstallation();
