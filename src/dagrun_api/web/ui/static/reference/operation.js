/* One operation of an OpenAPI document as elements: what may be sent, what comes back, and a command for each example. */

import { element } from "../shared/elements.js";

/** Return the paragraphs of a text, in which `this` is code. */
export const prose = (text = "") => text.split("\n\n").map((each) => element("p", {}, ...inline(each)));

const inline = (text) => text.split("`").map((each, place) => (place % 2 ? element("code", {}, each) : each));

/** Return a link to a file, or only its address where a browser, which sends no token, would not get it. */
export const file = (href, needsToken) => (needsToken ? element("code", {}, href) : element("a", { href }, href.split("/").at(-1)));

/** Return the article of an operation; `base` is where its path begins. */
export function operation(told, { path, method, rule }, { base, needsToken }) {
  const resolve = (node) => (node?.$ref ? resolve(node.$ref.slice(2).split("/").reduce((at, key) => at[key], told)) : node);
  const parameters = rule.parameters.map(resolve);
  const body = rule.requestBody?.content["application/json"];
  const heading = element("h3", {}, element("a", { href: `#${rule.operationId}` },
    element("span", { class: "method" }, method), " ", element("code", {}, path)));
  const article = element("article", { id: rule.operationId, tabindex: "-1", "aria-label": rule.summary },
    heading, element("p", {}, element("strong", {}, rule.summary)), ...prose(rule.description));
  if (needsToken && rule.security.length === 0) article.append(element("p", {}, "It needs no token."));
  article.append(
    element("h4", {}, "Parameters"),
    table(`Parameters of ${rule.summary}`, parameters.map((each) => ({ ...each, schema: resolve(each.schema) })),
      ["In", "Type", "Meaning", "Default"]),
  );
  if (body) {
    article.append(element("h4", {}, "Body"), ...prose(rule.requestBody.description),
      table(`Keys of the body of ${rule.summary}`, properties(body.schema, resolve), ["Type", "Meaning", "Default"]));
  }
  article.append(element("h4", {}, "Examples"));
  const answers = Object.values(rule.responses[200].content)[0].examples;
  for (const [name, { summary, value, externalValue }] of Object.entries(answers)) {
    const line = command({ path, method, parameters, body: body?.examples[name]?.value, name, base, needsToken });
    const shown = externalValue
      ? element("p", {}, "Its answer is ", file(`${base}${path}`, needsToken), ".")
      : block("Answer", typeof value === "string" ? value : JSON.stringify(value, null, 2));
    article.append(element("details", { "data-example": name }, element("summary", {}, summary), block("Request", line, true), shown));
  }
  article.querySelector("details").open = true;
  article.append(element("h4", {}, "Responses"), ...Object.entries(rule.responses).map((each) => response(each, resolve)));
  return article;
}

/** Return the command that sends an example. */
function command({ path, method, parameters, body, name, base, needsToken }) {
  const given = parameters.filter((each) => each.examples?.[name]).map((each) => [each, String(each.examples[name].value)]);
  // What may stand in a path is more than encodeURIComponent knows of.
  const encoded = (text) => encodeURIComponent(text).replaceAll("%3A", ":");
  const filled = given.filter(([each]) => each.in === "path")
    .reduce((at, [each, value]) => at.replace(`{${each.name}}`, encoded(value)), path);
  const query = given.filter(([each]) => each.in === "query").map(([each, value]) => `${each.name}=${encoded(value)}`).join("&");
  const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const words = ["curl", quoted(base + filled + (query && `?${query}`))];
  if (needsToken) words.push('-H "Authorization: Bearer $TOKEN"');
  if (method === "post") words.push(body === undefined ? "-X POST" : `--data ${quoted(JSON.stringify(body))}`);
  return words.join(" ");
}

/** Return a text to be read as it stands, under its title; with a button that copies it. */
function block(title, text, isCopied = false) {
  const pre = element("pre", { tabindex: "0", role: "group", "aria-label": title }, element("code", {}, text));
  const head = element("p", { class: "title" }, element("small", {}, title));
  if (isCopied) {
    const button = element("button", { type: "button", "aria-label": "Copy the request" }, "Copy");
    const said = element("small", { role: "status" });
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        said.textContent = "Copied.";
      } catch {
        // Only over HTTPS, and from the machine itself, may a page write there.
        getSelection().selectAllChildren(pre);
        said.textContent = "It is selected: copy it from there.";
      }
    });
    head.append(" ", button, " ", said);
  }
  return element("div", {}, head, pre);
}

function response([status, rule], resolve) {
  const parts = Object.entries(rule.headers ?? {}).map(([name, header]) => [name, resolve(header)]);
  const headers = element("dl", {}, ...parts.flatMap(([name, { description, example }]) => [
    element("dt", {}, element("code", {}, name)),
    element("dd", {}, ...inline(description), ...(example === undefined ? [] : [" Such as ", element("code", {}, String(example)), "."])),
  ]));
  const contents = Object.entries(rule.content ?? {}).flatMap(([type, { schema, examples }]) => {
    if (status >= 400) return Object.values(examples).map(({ value }) => block("Answer", JSON.stringify(value, null, 2)));
    // What every answer has around it is told once, at the head of the page.
    const rows = properties(resolve(schema).properties?.response ?? schema, resolve);
    const told = element("p", {}, "The body is ", element("code", {}, type), ".");
    return [told, ...(rows.length ? [table(`Properties of the answer ${status}`, rows, ["Type", "Meaning"])] : [])];
  });
  const name = [element("b", {}, status), " ", ...inline(rule.description)];
  return element("details", { "data-status": status }, element("summary", {}, ...name), ...contents,
    element("p", { class: "title" }, element("small", {}, "Headers")), headers);
}

/** Return what is in a schema, level by level, as rows with whole names such as `runs[].conf`. */
function properties(node, resolve, prefix = "") {
  const schema = resolve(node);
  if (schema.type === "array") return properties(schema.items, resolve, `${prefix}[]`);
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const name = prefix ? `${prefix}.${key}` : key;
    const rule = resolve(value);
    const row = { name, schema: rule, description: rule.description, required: schema.required?.includes(key) };
    return [row, ...properties(rule, resolve, name)];
  });
}

const CELLS = {
  In: ({ in: place }) => [place],
  Type: ({ schema }) => [type(schema)],
  Meaning: ({ schema, description }) => inline([description, rule(schema)].filter(Boolean).join(" ")),
  Default: ({ schema }) => (schema.default === undefined ? [] : [element("code", {}, JSON.stringify(schema.default))]),
};

/** Return a table of parameters or properties. The roles are for browsers that forget them where a style stacks cells. */
function table(caption, rows, columns) {
  const isGiven = columns.includes("Default");
  const mark = (required) => (isGiven === Boolean(required) ? [" ", element("small", {}, isGiven ? "required" : "not always")] : []);
  const head = (name) => element("th", { scope: "col", role: "columnheader" }, name);
  const line = (row) => element("tr", { role: "row" },
    element("th", { scope: "row", role: "rowheader" }, element("code", {}, row.name), ...mark(row.required)),
    ...columns.map((name) => element("td", { role: "cell", "data-column": name }, ...CELLS[name](row))));
  return element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
    element("table", { role: "table" },
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...["Name", ...columns].map(head))),
      element("tbody", { role: "rowgroup" }, ...rows.map(line))));
}

function type(schema) {
  const name = [schema.type].flat().join(" or ");
  if (schema.additionalProperties?.type) return `object of ${schema.additionalProperties.type}s`;
  return name === "array" ? `array of ${schema.items.type ?? "object"}s` : name;
}

/** Return the bounds of a value in words; a pattern is for programs, and what it means is said already. */
function rule({ enum: words, const: word, minimum, maximum, minItems, maxItems, format }) {
  const told = [];
  if (words) told.push(`One of ${words.map((each) => `\`${each}\``).join(", ")}.`);
  if (word !== undefined) told.push(`Always \`${word}\`.`);
  if (minimum !== undefined || maximum !== undefined) told.push(`${bounds(minimum, maximum)}.`);
  if (minItems !== undefined || maxItems !== undefined) told.push(`${bounds(minItems, maxItems)} of them.`);
  if (format) told.push(`Format \`${format}\`.`);
  return told.join(" ");
}

function bounds(low, high) {
  if (low === undefined) return `At most ${high}`;
  return high === undefined ? `At least ${low}` : `From ${low} to ${high}`;
}
