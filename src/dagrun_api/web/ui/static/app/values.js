/* How the values of the API look: ids, times, states, numbers and durations. */

import { element } from "../shared/elements.js";

// The API writes an absent value as this text.
const NONE = "None";

/**
 * Return an id or a path as an element, so that its writing direction does not affect the text around it. A long one
 * breaks after an underscore or a slash.
 */
export function identifier(text, absent = NONE) {
  if (text === NONE) return element("bdi", {}, absent);
  const pieces = text.split(/(?<=[_/])/).flatMap((piece, place) => (place ? [element("wbr"), whole(piece)] : [piece]));
  return element("bdi", {}, ...pieces);
}

/** Return a piece of an id, in one line if it is a date, which could break at its hyphens. */
const whole = (piece) => (/^\d{4}-\d\d-\d\dT[\d:.]+$/.test(piece) ? element("span", { class: "date" }, piece) : piece);

/** Return a time of the API in milliseconds. */
export const instantOf = (text) => Date.parse(`${text.replace(" ", "T")}Z`);

/** Return a time in UTC, readable by people and programs. Its fraction of a second is in the tooltip only. */
export function instant(text, absent = "–") {
  if (text === NONE) return absent;
  const [whole, fraction] = text.split(".");
  // In a narrow column the line breaks between date and time.
  const [day, time] = whole.split(" ").map((part) => element("span", {}, part));
  const title = fraction === undefined ? false : `${text} UTC`;
  return element("time", { datetime: `${text.replace(" ", "T")}Z`, title }, day, " ", time);
}

/** Return how far a time is from now, such as "in 6 hours" or "2 days ago". */
export function relative(text, now = Date.now()) {
  const seconds = (instantOf(text) - now) / 1000;
  if (Math.abs(seconds) < 1) return "now";
  const [noun, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each);
  const number = count(Math.floor(Math.abs(seconds) / size), noun);
  return seconds > 0 ? `in ${number}` : `${number} ago`;
}

/** Return how long ago a time was. It is past, even if the clock of the browser is behind that of the service. */
export const ago = (text, now = Date.now()) => relative(text, Math.max(now, instantOf(text)));

/** Return the name of a state with a mark whose form, not only its colour, tells the state. */
export const stateLabel = (name, word = name) => element("span", { class: "state", "data-state": name }, word);

/** Return a number for people, such as 2,000. */
export const figure = (number) => number.toLocaleString("en", { maximumFractionDigits: 1 });

/** Return a number with its noun, such as 1 run or 2,000 runs. */
export const count = (number, noun, plural = `${noun}s`) => `${figure(number)} ${number === 1 ? noun : plural}`;

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/** Return a number of seconds in words: in its two largest units, such as 2 hours 5 minutes. */
export function duration(seconds) {
  if (!(seconds >= 60)) return count(seconds, "second");
  const whole = Math.round(seconds);
  const largest = UNITS.findIndex(([, size]) => whole >= size);
  const [[noun, size], [smallerNoun, smallerSize]] = UNITS.slice(largest, largest + 2);
  const smaller = Math.floor((whole % size) / smallerSize);
  return count(Math.floor(whole / size), noun) + (smaller ? ` ${count(smaller, smallerNoun)}` : "");
}
