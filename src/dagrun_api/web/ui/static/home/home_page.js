/* The view of all DAGs: a table with a search, below the newest batches. */

import { element } from "../shared/elements.js";
import { keep, link } from "../app/addresses.js";
import { get } from "../app/api.js";
import { followForm } from "../app/follow_form.js";
import { latestBatches } from "../batches/latest_batches.js";
import { pauseSwitch } from "../app/pause_switch.js";
import { fill, reconcile, row } from "../app/render.js";
import { count, figure, identifier, instant } from "../app/values.js";

/** How many rows are shown at first, and how many each click adds. */
const PORTION = 100;

export const heading = () => ["DAGs"];

export async function show(outlet, { query, signal, report }) {
  const { dags } = (await get("dags", { signal })).contents;
  const parts = fill(outlet, "home-page");
  const { filters, count: counted, list, rows, more, none, follow } = parts;
  outlet.removeAttribute("aria-busy");
  followForm(follow, undefined);
  none.hidden = dags.length > 0;
  filters.hidden = dags.length === 0;
  const { search, which } = filters.elements;
  search.value = query.get("search") ?? "";
  which.value = query.get("which") ?? "";
  let limit = PORTION;

  const draw = () => {
    const found = dags.filter((dag) => matches(dag, search.value.trim().toLowerCase(), which.value));
    const left = found.length - limit;
    reconcile(rows, found.slice(0, limit), {
      key: (dag) => dag.dag_id,
      create: (dag) => createRow(dag, report),
    });
    list.hidden = found.length === 0;
    counted.textContent =
      found.length === dags.length
        ? count(dags.length, "DAG")
        : `${figure(found.length)} of ${count(dags.length, "DAG")}`;
    more.hidden = left <= 0;
    more.textContent = `Show ${Math.min(left, PORTION)} more (${figure(left)} left)`;
  };

  filters.addEventListener("input", () => {
    limit = PORTION;
    draw();
    // Going back leads to the same rows.
    keep({ search: search.value, which: which.value });
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => {
    limit += PORTION;
    draw();
    rows.children[limit - PORTION].querySelector("a").focus();
  });
  draw();
  await latestBatches(parts, signal);
}

function matches(dag, text, which) {
  const isFound = dag.dag_id.toLowerCase().includes(text) || dag.full_path.toLowerCase().includes(text);
  return isFound && (which === "" || dag.is_active === (which === "active"));
}

function createRow(dag, report) {
  const href = link(["dags", dag.dag_id]);
  const values = [identifier(dag.full_path, "–"), instant(dag.last_execution, "never"), ""];
  const item = row(element("a", { href }, identifier(dag.dag_id)), values);
  const mark = () => item.classList.toggle("paused", !dag.is_active);
  item.lastChild.append(pauseSwitch(dag, report, mark));
  return item;
}
