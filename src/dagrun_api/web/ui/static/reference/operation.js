/* One operation of the document: what a client sends, what the service answers, and a command for each example. */

import { element } from "../shared/elements.js";
import { codeBlock, copyableBlock, heading } from "./code_block.js";
import { command } from "./command.js";
import { expanded, parameterTable, properties, requestTable, responseTable } from "./schema_table.js";
import { inline, paragraphs } from "./text.js";

/** Return a function that gives the schema or parameter that a node stands for. */
export function resolver(document) {
  const resolve = (node) => (node?.$ref ? resolve(at(document, node.$ref.slice(2).split("/"))) : node);
  return resolve;
}

const at = (node, keys) => keys.reduce((value, key) => value[key], node);

/** Return the article of an operation. `base` is the address before its path. */
export function article(operation, { resolve, base, needsToken }) {
  const { path, method, rule } = operation;
  const { operationId, summary, description, security, responses } = rule;
  const parameters = rule.parameters.map(resolve).map((each) => ({ ...each, schema: expanded(each.schema, resolve) }));
  return element(
    "article",
    { id: operationId, tabindex: "-1", "aria-label": summary },
    title(operation),
    element("p", {}, element("strong", {}, summary)),
    ...paragraphs(description),
    ...(needsToken && security?.length === 0 ? [element("p", {}, "No token is required.")] : []),
    element("h4", {}, "Parameters"),
    parameterTable(`Parameters of ${summary}`, parameters),
    ...body(rule, resolve),
    element("h4", {}, "Examples"),
    ...examples({ path, method, rule, parameters, base, needsToken }),
    element("h4", {}, "Responses"),
    ...Object.entries(responses).map(([status, response]) => responseDetails(status, response, resolve)),
  );
}

function title({ path, method, rule }) {
  const name = [element("span", { class: "method" }, method), " ", element("code", {}, path)];
  return element("h3", {}, element("a", { href: `#${rule.operationId}` }, ...name));
}

function body({ summary, requestBody }, resolve) {
  if (requestBody === undefined) return [];
  const schema = resolve(requestBody.content["application/json"].schema);
  const forms = schema.oneOf ?? [schema];
  return [
    element("h4", {}, "Body"),
    ...paragraphs(requestBody.description),
    ...forms.flatMap((form, place) => [
      ...paragraphs(resolve(form).description),
      requestTable(`Keys of the body of ${summary}, form ${place + 1}`, properties(form, resolve)),
    ]),
  ];
}

function examples({ path, method, rule, parameters, base, needsToken }) {
  const bodies = rule.requestBody?.content["application/json"].examples;
  const answers = Object.values(rule.responses[200].content)[0].examples;
  return Object.entries(answers).map(([example, { summary, value }], place) => {
    const sent = bodies?.[example]?.value;
    const request = command({ path, method, parameters, body: sent, example, base, needsToken });
    return element(
      "details",
      { "data-example": example, open: place === 0 },
      element("summary", {}, summary),
      copyableBlock("Request", request),
      codeBlock("Answer", typeof value === "string" ? value : json(value)),
    );
  });
}

function responseDetails(status, response, resolve) {
  const headers = Object.entries(response.headers ?? {}).flatMap(([name, node]) => headerItems(name, resolve(node)));
  const contents = Object.entries(response.content ?? {}).flatMap(([type, { schema, examples: answers }]) =>
    status >= 400
      ? Object.values(answers).map(({ value }) => codeBlock("Answer", json(value)))
      : content(status, type, schema, resolve),
  );
  return element(
    "details",
    { "data-status": status },
    element("summary", {}, element("b", {}, status), " ", ...inline(response.description)),
    ...contents,
    heading("Headers"),
    element("dl", {}, ...headers),
  );
}

function headerItems(name, { description, example }) {
  const sample = example === undefined ? [] : [" Example: ", element("code", {}, String(example)), "."];
  return [element("dt", {}, element("code", {}, name)), element("dd", {}, ...inline(description), ...sample)];
}

function content(status, type, schema, resolve) {
  // The start of the page explains the envelope around every answer.
  const rows = properties(resolve(schema).properties?.response ?? schema, resolve);
  const named = schema.$ref ? [", of the schema ", element("code", {}, schema.$ref.split("/").at(-1))] : [];
  const sentence = element("p", {}, "The body is ", element("code", {}, type), ...named, ".");
  return [sentence, ...(rows.length ? [responseTable(`Properties of the answer ${status}`, rows)] : [])];
}

const json = (value) => JSON.stringify(value, null, 2);
