/* What is wrong with a text that should be a JSON object, in plain words: not every browser says where it stopped. */

const MOST_LEVELS = 64;
const START = 'Write a JSON object, such as {"key": "value"}.';

const SPACE = /[ \t\n\r]*/y;
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const OTHER = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;

/** Return what is wrong with a text; nothing if it is empty or a JSON object. */
export function jsonMistake(text) {
  if (text.trim() === "") return "";
  if (!text.trimStart().startsWith("{")) return START;
  try {
    const end = after(SPACE, text, value(text, 0, 1));
    if (end < text.length) fail(end, "remove what follows the last }");
    return "";
  } catch (mistake) {
    if (mistake.sentence === undefined) throw mistake;
    return `${placeOf(text, mistake.position)}: ${mistake.sentence}.`;
  }
}

/** Return the position after the value that begins at a position, or after spaces there. */
function value(text, position, level) {
  const start = after(SPACE, text, position);
  if (level > MOST_LEVELS) fail(start, `use at most ${MOST_LEVELS} levels`);
  if (text[start] === "{") return members(text, start, "}", (at) => member(text, at, level));
  if (text[start] === "[") return members(text, start, "]", (at) => value(text, at, level + 1));
  const end = after(TEXT, text, start) ?? after(OTHER, text, start);
  return end ?? fail(start, expected(text, start, "a value is missing"));
}

/** Return the position after a list of members, which commas separate. */
function members(text, start, last, one) {
  let position = after(SPACE, text, start + 1);
  if (text[position] === last) return position + 1;
  for (;;) {
    position = after(SPACE, text, one(position));
    if (text[position] === last) return position + 1;
    if (text[position] !== ",") fail(position, expected(text, position, `a comma or ${last} is missing before this`));
    const comma = position;
    position = after(SPACE, text, position + 1);
    if (text[position] === last) fail(comma, `remove the comma before ${last}`);
  }
}

function member(text, position, level) {
  const end = after(TEXT, text, position) ?? fail(position, expected(text, position, "a name in double quotes is missing"));
  const colon = after(SPACE, text, end);
  if (text[colon] !== ":") fail(colon, expected(text, colon, "a colon is missing after the name"));
  return value(text, colon + 1, level + 1);
}

/** Return why something cannot stand at a position. */
function expected(text, position, otherwise) {
  const character = text[position];
  if (character === undefined) return "it ends too early; a } or a double quote is missing";
  if (/[’‘'“”]/.test(character)) return 'use straight double quotes (")';
  if (character === '"' && after(TEXT, text, position) === undefined) return "this text has no closing double quote";
  return /[\p{L}_]/u.test(character) ? "put names and texts in double quotes" : otherwise;
}

function after(pattern, text, position) {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function placeOf(text, position) {
  const before = text.slice(0, position);
  const line = before.split("\n").length;
  const column = position - before.lastIndexOf("\n");
  return line > 1 ? `Line ${line}, character ${column}` : `Character ${column}`;
}

function fail(position, sentence) {
  throw { position, sentence };
}
