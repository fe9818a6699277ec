/* The list of DAGs. */

import { link } from "./addresses.js";
import { get } from "./api.js";
import { count, element, figure, instant, keep, named, put } from "../shared/elements.js";
import { follow } from "./follow.js";
import { pauseSwitch } from "./switch.js";

const PORTION = 100;

export const heading = () => ["DAGs"];

export async function show(outlet, { query, signal, report }) {
  const { dags } = (await get("dags", { signal })).contents;
  const { filters, count: counted, list, rows, more, none, follow: following } = put(outlet, "dags-page");
  outlet.removeAttribute("aria-busy");
  follow(following, undefined);
  const { search, which } = filters.elements;
  search.value = query.get("search") ?? "";
  which.value = query.get("which") ?? "";
  let most = PORTION;

  const draw = () => {
    const wanted = search.value.trim().toLowerCase();
    const found = dags.filter(
      (dag) =>
        (dag.dag_id.toLowerCase().includes(wanted) || dag.full_path.toLowerCase().includes(wanted)) &&
        (which.value === "" || dag.is_active === (which.value === "active")),
    );
    const left = found.length - most;
    keep(
      rows,
      found.slice(0, most),
      (dag) => dag.dag_id,
      row,
      () => {},
    );
    list.hidden = found.length === 0;
    counted.textContent =
      found.length === dags.length
        ? count(dags.length, "DAG")
        : `${count(found.length, "DAG")} of ${figure(dags.length)}`;
    more.hidden = left <= 0;
    more.textContent = `Show ${Math.min(left, PORTION)} more of ${count(left, "DAG")}`;
  };

  const row = (dag) => {
    const made = element(
      "tr",
      {},
      element("th", { scope: "row" }, element("a", { href: link(["dags", dag.dag_id]) }, named(dag.dag_id))),
      element("td", {}, named(dag.full_path, "–")),
      element("td", {}, instant(dag.last_execution, "never")),
      element("td", {}),
    );
    const mark = () => made.classList.toggle("paused", !dag.is_active);
    made.lastChild.append(pauseSwitch(dag, report, mark));
    mark();
    return made;
  };

  filters.addEventListener("input", () => {
    most = PORTION;
    draw();
    // The way back leads to the same DAGs.
    history.replaceState(null, "", link([""], { search: search.value, which: which.value }));
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => {
    most += PORTION;
    draw();
    rows.children[most - PORTION].querySelector("a").focus();
  });
  none.hidden = dags.length > 0;
  filters.hidden = dags.length === 0;
  draw();
}
