/* The list of operations, with a filter, beside the operations themselves. */

import { element } from "../shared/elements.js";

const part = (id) => document.getElementById(id);

/** Add a section of operations to the list. */
export function addToContents(id, name, operations) {
  part("list").append(
    element("h2", {}, element("a", { href: `#${id}` }, name)),
    element("ul", {}, ...operations.map(item)),
  );
}

/** Let the filter and the address of the page choose what is shown, now and later. */
export function startNavigation() {
  part("filter").addEventListener("input", applyFilter);
  addEventListener("hashchange", goToTarget);
  applyFilter();
  goToTarget();
  // The selector :target only matches after a navigation, and at that time the element did not exist.
  if (location.hash) location.replace(location.hash);
}

function item({ path, method, rule }) {
  const name = [element("span", { class: "method" }, method), ` ${rule.summary}`];
  return element(
    "li",
    { "data-of": rule.operationId },
    element("a", { href: `#${rule.operationId}` }, ...name),
    element("small", {}, breakable(path)),
  );
}

/** Return a path that may be broken after each slash. */
function breakable(path) {
  const parts = path.split(/(?<=\/)/);
  return element("code", {}, ...parts.flatMap((text) => [text, element("wbr")]));
}

/** Show only the operations that contain every word of the filter. */
function applyFilter() {
  const words = part("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const articles = [...part("operations").querySelectorAll("article")];
  for (const article of articles) {
    const text = article.textContent.toLowerCase();
    article.hidden = !words.every((word) => text.includes(word));
    part("list").querySelector(`[data-of="${CSS.escape(article.id)}"]`).hidden = article.hidden;
  }
  for (const section of part("operations").children) section.hidden = !section.querySelector("article:not([hidden])");
  for (const list of part("list").querySelectorAll("ul")) {
    list.hidden = !list.querySelector("li:not([hidden])");
    list.previousElementSibling.hidden = list.hidden;
  }
  const shown = articles.filter((article) => !article.hidden).length;
  const all = `${articles.length} operations`;
  part("count").textContent = shown === articles.length ? all : `${shown} of ${all}`;
}

/** Scroll to the target of the address; clear the filter when it hides the target. */
function goToTarget() {
  const target = [...part("operations").querySelectorAll("[id]")].find(({ id }) => `#${id}` === location.hash);
  if (target === undefined) return;
  if (target.closest("[hidden]") !== null) {
    part("filter").value = "";
    applyFilter();
  }
  target.scrollIntoView();
  target.focus({ preventScroll: true });
}
