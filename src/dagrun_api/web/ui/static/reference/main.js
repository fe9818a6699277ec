/* The entry point: loads the OpenAPI document, with a token where one is required, and shows it. */

import { element } from "../shared/elements.js";
import { OPENAPI_URL } from "../shared/service.js";
import { authorization, forgetToken, keepToken, token } from "../shared/token.js";
import { addToContents, startNavigation } from "./contents.js";
import { article, resolver } from "./operation.js";
import { fileLink, paragraphs } from "./text.js";

const part = (id) => document.getElementById(id);
const say = (sentence) => (part("status").textContent = sentence);

async function load() {
  const used = token();
  say("Loading the OpenAPI document…");
  let response, contents;
  try {
    response = await fetch(OPENAPI_URL, { headers: authorization() });
    contents = await response.json();
  } catch {
    say("The OpenAPI document cannot be loaded: the service cannot be reached, or a proxy answered. Reload to retry.");
    return;
  }
  if (response.status === 401) {
    forgetToken();
    say(used === null ? "This service requires a token." : "The service does not accept this token.");
    part("token").hidden = false;
    part("token-field").focus();
  } else if (response.ok) {
    say("");
    part("token").hidden = true;
    show(contents, used !== null);
  } else {
    say(contents.response?.error ?? `The service answered with status ${response.status}.`);
  }
}

function show(openapi, needsToken) {
  const { info, servers, tags, paths } = openapi;
  document.title = `${info.title} ${info.version}: API reference`;
  // The server is relative to the document, and the paths begin with a slash.
  const base = new URL(servers[0].url, OPENAPI_URL).href.replace(/\/$/, "");
  part("introduction").replaceChildren(...introduction(info, base, needsToken));
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, rule]) => ({ path, method, rule })),
  );
  const options = { resolve: resolver(openapi), base, needsToken };
  const sections = tags.map((tag) => {
    const tagged = operations.filter(({ rule }) => rule.tags.includes(tag.name));
    const id = `tag-${tag.name}`;
    addToContents(id, tag["x-displayName"], tagged);
    return section(id, tag, tagged, options);
  });
  part("operations").replaceChildren(...sections);
  part("columns").hidden = false;
  startNavigation();
}

function introduction(info, base, needsToken) {
  const openapiLink = fileLink(OPENAPI_URL, needsToken);
  const readToken = element("code", {}, "read -rs TOKEN; export TOKEN");
  return [
    element("p", {}, `${info.title} ${info.version}. ${info.summary}`),
    ...paragraphs(info.description),
    element("p", {}, "The API is at ", element("code", {}, base), ". Its OpenAPI document is ", openapiLink, "."),
    ...(needsToken ? [element("p", {}, "The commands below read the token from the environment: ", readToken)] : []),
  ];
}

const section = (id, { "x-displayName": title, description }, operations, options) =>
  element(
    "section",
    { id, "aria-labelledby": `${id}-heading` },
    element("h2", { id: `${id}-heading` }, title),
    ...paragraphs(description),
    ...operations.map((operation) => article(operation, options)),
  );

part("token").addEventListener("submit", (event) => {
  event.preventDefault();
  keepToken(part("token-field").value);
  part("token-field").value = "";
  load();
});

load();
