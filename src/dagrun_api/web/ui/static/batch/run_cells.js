/* The cells of the map of a batch: each stands for a run, or in a large batch for some runs in a row. No DOM. */

import { countStates } from "../app/states.js";
import { figure } from "../app/values.js";

/** How many cells and how many DAGs the map has room for. */
const MOST_CELLS = 2000;
export const MOST_DAGS = 500;

/** The states of a cell, the worst first. */
const WORST = ["failed", "running", "queued", "success"];

/** Return how many runs each cell stands for, given the number of runs in each DAG, of which `most` are shown. */
export function runsPerCell(totals, most) {
  const all = totals.reduce((sum, total) => sum + total, 0);
  const shown = totals.map((total) => Math.ceil(total * Math.min(1, most / all)));
  const cells = (each) => shown.reduce((sum, total) => sum + Math.ceil(total / each), 0);
  let each = 1;
  while (cells(each) > MOST_CELLS && cells(each) > totals.length) each += 1;
  return each;
}

/** Return the cells of the runs of one DAG in the order of their dates, `each` runs to a cell. */
export function cellsOf(runs, each) {
  const sorted = runs.toSorted((one, other) => (dateOf(one) < dateOf(other) ? -1 : 1));
  const cells = [];
  for (let place = 0; place < sorted.length; place += each) {
    cells.push(cellOf(sorted.slice(place, place + each), place));
  }
  return cells;
}

const dateOf = (run) => run.execution_date + run.run_id;

function cellOf(runs, place) {
  const counts = countStates(runs);
  const state = WORST.find((name) => counts[name]) ?? runs[0].state;
  // Where the cell leads.
  const run = runs.find((one) => one.state === "failed") ?? runs[0];
  return { place, runs, counts, state, run };
}

/** Return the text of a cell. */
export function describe({ runs, counts, run }) {
  if (runs.length === 1) return `${run.execution_date} UTC, ${run.state}, ${run.run_id} of ${run.dag_id}`;
  const dates = `${runs[0].execution_date} to ${runs.at(-1).execution_date} UTC`;
  return `${dates}, ${figure(runs.length)} runs of ${run.dag_id}: ${countsInWords(counts)}`;
}

/** Return the number of runs in each state in words, the worst first. */
export function countsInWords(counts) {
  const names = [...WORST, ...Object.keys(counts).filter((name) => !WORST.includes(name))];
  const present = names.filter((name) => counts[name]);
  return present.map((name) => `${figure(counts[name])} ${name}`).join(", ");
}

/** Return whether two cells look the same and say the same. */
export const isSame = (one, other) =>
  one.runs.length === other.runs.length &&
  one.runs.every((run, place) => SHOWN.every((name) => run[name] === other.runs[place][name]));

const SHOWN = ["id", "state", "execution_date", "start_date", "end_date"];
