/* Tables of parameters and of the properties of schemas. */

import { element } from "../shared/elements.js";
import { inline } from "./text.js";

const CELLS = {
  In: (row) => [row.in],
  Type: ({ schema }) => [typeOf(schema)],
  Meaning: ({ schema, description }) => inline([description, constraints(schema)].filter(Boolean).join(" ")),
  Default: ({ schema }) => (schema.default === undefined ? [] : [element("code", {}, JSON.stringify(schema.default))]),
};

/** Return a table with the parameters of an operation. */
export const parameterTable = (caption, parameters) =>
  table(caption, parameters, ["In", "Type", "Meaning", "Default"], markRequired);

/** Return a table with the properties that a client sends. */
export const requestTable = (caption, rows) => table(caption, rows, ["Type", "Meaning", "Default"], markRequired);

/** Return a table with the properties that the service answers. */
export const responseTable = (caption, rows) => table(caption, rows, ["Type", "Meaning"], markOptional);

/** Return a schema with what its references stand for; what it says itself goes first. */
export function expanded(node, resolve) {
  const schema = { ...resolve(node), ...node };
  // The word that stands for an absent value goes last.
  const alternatives = (schema.oneOf ?? schema.anyOf)
    ?.map((each) => expanded(each, resolve))
    .sort((one, other) => isWord(one) - isWord(other));
  return { ...schema, alternatives };
}

const isWord = (schema) => schema.enum?.length === 1;

/** Return the properties of a schema on all levels as rows, with full names such as `runs[].conf`. */
export function properties(node, resolve, prefix = "") {
  const schema = expanded(node, resolve);
  if (schema.alternatives) return schema.alternatives.flatMap((each) => properties(each, resolve, prefix));
  if (schema.type === "array") return properties(schema.items, resolve, `${prefix}[]`);
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const name = prefix ? `${prefix}.${key}` : key;
    const property = expanded(value, resolve);
    const { description } = property;
    const row = { name, schema: property, description, required: Boolean(schema.required?.includes(key)) };
    return [row, ...properties(property, resolve, name)];
  });
}

const markRequired = ({ required }) => (required ? "required" : "");
const markOptional = ({ required }) => (required ? "" : "optional");

/** The roles are for browsers that forget them when the style stacks the cells. */
function table(caption, rows, columns, mark) {
  const headings = ["Name", ...columns].map((name) => element("th", { scope: "col", role: "columnheader" }, name));
  const headingRow = element("tr", { role: "row" }, ...headings);
  const cell = (row, name) => element("td", { role: "cell", "data-column": name }, ...CELLS[name](row));
  const tableRow = (row) =>
    element(
      "tr",
      { role: "row" },
      element("th", { scope: "row", role: "rowheader" }, element("code", {}, row.name), ...small(mark(row))),
      ...columns.map((name) => cell(row, name)),
    );
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
    element(
      "table",
      { role: "table" },
      element("thead", { role: "rowgroup" }, headingRow),
      element("tbody", { role: "rowgroup" }, ...rows.map(tableRow)),
    ),
  );
}

const small = (text) => (text ? [" ", element("small", {}, text)] : []);

function typeOf(schema) {
  if (schema.alternatives) return [...new Set(schema.alternatives.map(typeOf))].join(" or ");
  if (isWord(schema)) return JSON.stringify(schema.enum[0]);
  const name = [schema.type].flat().join(" or ");
  if (schema.additionalProperties?.type) return `object of ${schema.additionalProperties.type}s`;
  return name === "array" ? `array of ${schema.items.type ?? "object"}s` : name;
}

/** Return the constraints of a value in words. A pattern is for programs; the description says what it means. */
function constraints(schema) {
  if (schema.alternatives) return alternativeConstraints(schema.alternatives);
  const { enum: words, const: word, minimum, maximum, minItems, maxItems, format } = schema;
  const sentences = [];
  if (words) sentences.push(`One of ${listed(words)}.`);
  if (word !== undefined) sentences.push(`Always \`${word}\`.`);
  if (minimum !== undefined || maximum !== undefined) sentences.push(`${bounds(minimum, maximum)}.`);
  if (minItems !== undefined || maxItems !== undefined) sentences.push(`${bounds(minItems, maxItems)} items.`);
  if (format) sentences.push(`Format \`${format}\`.`);
  return sentences.join(" ");
}

function alternativeConstraints(alternatives) {
  const words = alternatives.filter((each) => !isWord(each)).flatMap((each) => each.enum ?? []);
  const formats = alternatives.flatMap(({ format }) => format ?? []);
  const sentences = [];
  if (words.length) sentences.push(`Usually one of ${listed(words)}.`);
  if (formats.length) sentences.push(`Format ${listed(formats, " or ")}.`);
  return sentences.join(" ");
}

const listed = (words, comma = ", ") => words.map((each) => `\`${each}\``).join(comma);

function bounds(low, high) {
  if (low === undefined) return `At most ${high}`;
  return high === undefined ? `At least ${low}` : `From ${low} to ${high}`;
}
