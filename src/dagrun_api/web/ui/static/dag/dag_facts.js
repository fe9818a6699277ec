/* What is known of a DAG, as facts. */

import { element } from "../shared/elements.js";
import { pauseSwitch } from "../app/pause_switch.js";
import { facts } from "../app/render.js";
import { inWords } from "../app/schedule_words.js";
import { figure, identifier, instant } from "../app/values.js";

/** Return the facts of a DAG as the items of a description list. */
export function dagFacts(dag, report) {
  const pairs = [
    ["Schedule", schedule(dag)],
    ["Time zone", dag.timezone === "None" ? "–" : dag.timezone],
    ["Next run (UTC)", instant(dag.next_run_after, "none planned")],
    ["Last execution (UTC)", instant(dag.last_execution, "never")],
    ["Active runs", activeRuns(dag)],
    ["Catchup", dag.catchup === "None" ? "–" : dag.catchup ? "on" : "off"],
    ["File", identifier(dag.full_path, "–")],
    ["Active", pauseSwitch(dag, report)],
  ];
  if (dag.has_import_errors) pairs.push(["Import", stateMark("failed", "Airflow could not import the file")]);
  if (/^https?:/.test(dag.airflow_url)) {
    pairs.push(["Airflow", element("a", { href: dag.airflow_url, rel: "noreferrer" }, "Open in Airflow")]);
  }
  return facts(pairs);
}

function schedule({ schedule: text }) {
  if (text === "None") return "none";
  const words = inWords(text);
  const written = element("code", {}, text);
  return words === undefined ? written : element("span", {}, words, " (", written, ")");
}

function activeRuns({ active_runs: active, max_active_runs: most }) {
  return most === "None" ? figure(active) : `${figure(active)} of at most ${figure(Number(most))}`;
}

const stateMark = (state, text) => element("span", { class: "state", "data-state": state }, text);
