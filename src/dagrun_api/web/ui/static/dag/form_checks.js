/* What is wrong with the values of the form, as far as the page can tell. No DOM. */

import { day } from "../app/days.js";
import { instantOf } from "../app/values.js";
import { windowOf } from "./form_values.js";
import { jsonMistake } from "./json_mistake.js";

const LONGEST_NAME = 215;
const MOST_ACTIVE = 1000;

/** Return pairs of the name of a field and a sentence: what is wrong, in the order of the form. */
export function mistakes(values, dag) {
  const found = [
    ...datesOf(values, dag),
    ["limit", values.kind === "range" || values.kind === "chosen" ? limitMistake(values.limit) : ""],
    ["name", nameMistake(values.name)],
    ["conf", jsonMistake(values.conf)],
  ];
  return found.filter(([, sentence]) => sentence !== "");
}

function datesOf(values, dag) {
  if (values.kind === "now") return [];
  if (values.kind === "chosen") return [["kind", values.dates.length ? "" : "Choose dates in the map first: click them."]];
  const [first, last] = windowOf(values);
  if (values.kind === "moment") return [["from", Number.isNaN(first) ? "Enter a day." : momentMistake(first, dag)]];
  const from = Number.isNaN(first) ? "Enter the first day." : startMistake(values, first, dag);
  const to = Number.isNaN(last) ? "Enter the last day." : endMistake(values, first, last, dag);
  return [
    ["from", from],
    ["to", to],
  ];
}

function momentMistake(moment, dag) {
  // Whether it has passed, the clock of the service tells.
  return dag.start_date !== "None" && moment < instantOf(dag.start_date) ? beforeFirst(dag) : "";
}

function startMistake({ fromTime }, first, dag) {
  if (dag.start_date === "None") return "";
  const limit = instantOf(dag.start_date);
  // A day without a time begins with the first date of the DAG.
  const isFirstDay = !fromTime && day(first) === day(limit);
  return first < limit && !isFirstDay ? beforeFirst(dag) : "";
}

function endMistake({ toTime }, first, last, dag) {
  if (last < first) return "This is before From. Enter a later one.";
  if (dag.end_date === "None") return "";
  const limit = instantOf(dag.end_date);
  const isLastDay = !toTime && day(last) === day(limit);
  return last > limit && !isLastDay ? `The last date of this DAG is ${day(limit)}. Enter that day or an earlier one.` : "";
}

const beforeFirst = (dag) =>
  `The first date of this DAG is ${day(instantOf(dag.start_date))}. Enter that day or a later one.`;

function limitMistake(text) {
  if (text === "" || (/^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_ACTIVE)) return "";
  return "Enter a whole number from 1 to 1,000, or nothing.";
}

function nameMistake(name) {
  if (name.replace(/_$/, "") === "") return "Enter a name. The ids of the runs begin with it.";
  if (/backfill/i.test(name)) return "Choose a name without the word “backfill”: Airflow keeps it for its own runs.";
  if (!/^[\w.~:+-]+$/.test(name)) return "Use only letters, digits and the characters _ . ~ : + -";
  if (name.includes("..")) return "A name cannot have two dots in a row.";
  return name.length > LONGEST_NAME ? `Use at most ${LONGEST_NAME} characters.` : "";
}
