/* What is wrong with a text that should be a JSON object, in plain words. */

const START = "Write a JSON object, such as {\"key\": \"value\"}.";

/** Return what is wrong with a text; nothing if it is empty or a JSON object. */
export function jsonMistake(text) {
  if (text.trim() === "") return "";
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `This is not JSON yet. ${explain(text, placeOf(error, text))}`;
  }
  return typeof value === "object" && value !== null && !Array.isArray(value) ? "" : START;
}

/** Return where the reader stopped; each browser says it in another way, and some do not. */
function placeOf({ message }, text) {
  const position = /position (\d+)/.exec(message);
  if (position) return Number(position[1]);
  const [, line, column] = /line (\d+) column (\d+)/.exec(message) ?? [];
  if (line === undefined) return text.trimEnd().length;
  return text.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) + Number(column) - 1;
}

function explain(text, position) {
  const before = text.slice(0, position);
  const character = [...text.slice(position)][0];
  const line = before.split("\n").length;
  const column = position - before.lastIndexOf("\n");
  if (character === undefined || text.slice(position).trim() === "") return "It ends too early: a } or a \" is missing.";
  const place = line > 1 ? `Line ${line}, character ${column}` : `Character ${column}`;
  if (/[’‘'“”]/.test(character)) return `${place}: use straight double quotes (").`;
  if (/[}\]]/.test(character) && /,\s*$/.test(before)) return `${place}: remove the comma before ${character}.`;
  if (/[\p{L}_]/u.test(character)) return `${place}: put names and texts in double quotes.`;
  if (character === '"' && /["\d\]}el]\s*$/.test(before)) return `${place}: a comma is missing before it.`;
  if (character === "\n") return `${place}: a text ends without its double quote.`;
  return `${place}: “${character}” cannot stand here.`;
}
