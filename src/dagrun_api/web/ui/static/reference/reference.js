/* The reference of the API, made of its OpenAPI document; whatever stands in that gets in as text, never as markup. */

import { element } from "../shared/elements.js";
import { file, operation, prose } from "./operation.js";

const PLACE = document.querySelector('link[rel="service-desc"]').href;
// The main page, beside this one, keeps it under the same name.
const KEY = `dagrun-api token of ${new URL("./", location.href).pathname}`;
const part = (id) => document.getElementById(id);

/** Fetch the document and show it; ask for a token where one is needed. */
async function load() {
  const token = sessionStorage.getItem(KEY);
  part("news").textContent = "Fetching the OpenAPI document…";
  let response;
  let told;
  try {
    response = await fetch(PLACE, { headers: token === null ? {} : { Authorization: bytes(token) } });
    told = await response.json();
  } catch {
    part("news").textContent = "The service cannot be reached, or does not answer with its OpenAPI document. Reload the page to try again.";
    return;
  }
  if (response.status === 401) {
    sessionStorage.removeItem(KEY);
    part("news").textContent = token === null ? "The service wants a token." : "The service does not take that token.";
    part("token").hidden = false;
    part("token-field").focus();
  } else if (response.ok) {
    part("news").textContent = "";
    part("token").hidden = true;
    show(told, token !== null);
  } else {
    part("news").textContent = told.response?.error ?? `The service answered with status ${response.status}.`;
  }
}

/** A header takes the bytes of a text only as single characters. */
function bytes(text) {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

function show(told, needsToken) {
  document.title = `${told.info.title} ${told.info.version}: reference`;
  // The document says where the service is, relative to itself; the paths begin with a slash.
  const base = new URL(told.servers[0].url, PLACE).href.replace(/\/$/, "");
  part("introduction").replaceChildren(
    element("p", {}, `${told.info.title} ${told.info.version}. ${told.info.summary}`),
    ...prose(told.info.description),
    element("p", {}, "The service is at ", element("code", {}, base), ". For programs all of this is in ",
      file(PLACE, needsToken), "."),
  );
  if (needsToken) {
    part("introduction").append(element("p", {}, "The commands below want your token in the environment: ",
      element("code", {}, "read -rs TOKEN; export TOKEN")));
  }
  const all = Object.entries(told.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, rule]) => ({ path, method, rule })),
  );
  const sections = told.tags.map(({ name, description }) => {
    const under = all.filter(({ rule }) => rule.tags.includes(name));
    const id = `tag-${name.toLowerCase().replaceAll(" ", "-")}`;
    part("list").append(
      element("h2", {}, element("a", { href: `#${id}` }, name)),
      element("ul", {}, ...under.map(({ path, method, rule }) =>
        element("li", { "data-of": rule.operationId },
          element("a", { href: `#${rule.operationId}` }, element("span", { class: "method" }, method), ` ${rule.summary}`),
          element("small", {}, breakable(path))),
      )),
    );
    return element("section", { id, "aria-labelledby": `${id}-heading` },
      element("h2", { id: `${id}-heading` }, name),
      ...prose(description),
      ...under.map((each) => operation(told, each, { base, needsToken })));
  });
  part("operations").replaceChildren(...sections);
  part("columns").hidden = false;
  part("filter").addEventListener("input", narrow);
  addEventListener("hashchange", go);
  narrow();
  go();
  // What it points to is marked as such only when one goes there anew.
  if (location.hash) location.replace(location.hash);
}

/** A long path may be broken behind each slash. */
function breakable(path) {
  const parts = path.split(/(?<=\/)/);
  return element("code", {}, ...parts.flatMap((each) => [each, element("wbr")]));
}

/** Show the operations that hold each word of the filter. */
function narrow() {
  const words = part("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const articles = [...part("operations").querySelectorAll("article")];
  for (const article of articles) {
    const text = article.textContent.toLowerCase();
    article.hidden = !words.every((word) => text.includes(word));
    part("list").querySelector(`[data-of="${CSS.escape(article.id)}"]`).hidden = article.hidden;
  }
  for (const section of part("operations").children) section.hidden = !section.querySelector("article:not([hidden])");
  for (const list of part("list").querySelectorAll("ul")) {
    const isEmpty = !list.querySelector("li:not([hidden])");
    list.hidden = isEmpty;
    list.previousElementSibling.hidden = isEmpty;
  }
  const left = articles.filter((article) => !article.hidden).length;
  part("count").textContent = left === articles.length ? `${left} operations` : `${left} of ${articles.length} operations`;
}

/** Go where the address points to, also when it was not there yet, or is filtered out. */
function go() {
  const target = [...part("operations").querySelectorAll("[id]")].find(({ id }) => `#${id}` === location.hash);
  if (target === undefined) return;
  if (target.closest("[hidden]") !== null) {
    part("filter").value = "";
    narrow();
  }
  target.scrollIntoView();
  target.focus({ preventScroll: true });
}

part("token").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, part("token-field").value.trim());
  part("token-field").value = "";
  load();
});
load();
