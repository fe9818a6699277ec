/* The view of all DAGs: a table with a search, below the newest batches. */

import { keep } from "../app/addresses.js";
import { get } from "../app/api.js";
import { eachMinute } from "../app/polling.js";
import { choose, fill } from "../app/render.js";
import { count, figure } from "../app/values.js";
import { latestBatches, newestBatches } from "../batches/latest_batches.js";
import { inOrder, isAmong, orderAfter, searchable } from "./dag_order.js";
import { dagTable } from "./dag_table.js";
import { sortHeadings } from "./sort_headings.js";

/** How many rows are shown at first, and how many each click adds. */
const PORTION = 100;

export const heading = () => ["DAGs"];

export async function show(outlet, { query, signal, report }) {
  // What came later would push the DAGs down, away from the pointer.
  const [batches, { contents }] = await Promise.all([newestBatches(signal), get("dags", { signal })]);
  const parts = fill(outlet, "home-page");
  outlet.removeAttribute("aria-busy");
  const { begin, update } = listDags(parts, contents.dags, { query, signal, report });
  const readRuns = async () => (await get("latest_runs", { signal })).contents.dag_runs;
  const look = async () => {
    const { contents } = await get("dags", { signal });
    update(contents.dags, await readRuns());
  };
  await Promise.all([latestBatches(parts, batches, signal), readRuns().then(begin), eachMinute(look, signal, report)]);
}

/** Show the DAGs; return what takes the last run of each of them, and later the DAGs again with these. */
function listDags({ filters, columns, count: counted, list, rows, more, none }, found, { query, signal, report }) {
  const { search, which, sort } = filters.elements;
  const table = dagTable(rows, { signal, report });
  // A DAG stays the same object, which its row knows.
  const known = new Map();
  const textOf = new Map();
  let dags = [];
  const markSorted = sortHeadings(columns, (column) => {
    sort.value = orderAfter(sort.value, column);
    sort.dispatchEvent(new Event("input", { bubbles: true }));
  });
  let ordered = [];
  let limit = PORTION;

  const draw = () => {
    const text = search.value.trim().toLowerCase();
    const isFound = (dag) => textOf.get(dag).includes(text) && isAmong(which.value, dag, table.lastRun(dag));
    const found = ordered.filter(isFound);
    const left = found.length - limit;
    table.draw(found.slice(0, limit));
    list.hidden = found.length === 0;
    const all = count(dags.length, "DAG");
    counted.textContent = found.length === dags.length ? all : `${figure(found.length)} of ${all}`;
    more.hidden = left <= 0;
    more.textContent = `Show ${Math.min(left, PORTION)} more (${figure(left)} left)`;
  };
  const order = () => {
    ordered = inOrder(dags, sort.value);
    markSorted(sort.value);
  };

  const take = (read) => {
    dags = read.map((dag) => Object.assign(known.get(dag.dag_id) ?? {}, dag));
    for (const dag of dags) {
      known.set(dag.dag_id, dag);
      textOf.set(dag, searchable(dag));
    }
    none.hidden = dags.length > 0;
    filters.hidden = dags.length === 0;
    order();
  };

  search.value = query.get("search") ?? "";
  choose(which, query.get("which"));
  choose(sort, query.get("sort"));
  filters.addEventListener("input", ({ target }) => {
    limit = PORTION;
    if (target === sort) order();
    draw();
    // Going back leads to the same rows.
    keep({ search: search.value, which: which.value, sort: sort.selectedIndex === 0 ? "" : sort.value });
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => {
    limit += PORTION;
    draw();
    rows.children[limit - PORTION].querySelector("a").focus();
  });
  take(found);
  draw();

  return {
    begin(runs) {
      table.noteRuns(runs);
      if (which.value === "failed") draw();
    },
    update(read, runs) {
      take(read);
      table.update(runs);
      draw();
    },
  };
}
