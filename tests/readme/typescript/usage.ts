/* What a program does with the types that openapi-typescript makes. It is compiled, and not run. */

import type { components, operations } from "./dagrun_api";

type Schemas = components["schemas"];

// The keys with a default may be left out.
export const window: Schemas["CreateRuns"] = { dag_id: "hello", start_date: "2017-09-01", end_date: "2017-09-30" };
export const now: Schemas["CreateRuns"] = { dag_id: "hello" };
export const list: Schemas["CreateRuns"] = { dag_id: "hello", runs: [{ execution_date: "2017-09-01T12:00:00" }] };
// @ts-expect-error  # The DAG is required.
export const nothing: Schemas["CreateRuns"] = { start_date: "2017-09-01" };
// @ts-expect-error  # A list has a date for each run.
export const undated: Schemas["CreateRunsFromList"] = { dag_id: "hello", runs: [{ conf: {} }] };

export const paused: operations["pause_dag"]["parameters"]["path"] = { dag_id: "hello", paused: "true" };
// @ts-expect-error  # A run has no such state.
export const unheardOf: operations["list_runs"]["parameters"]["query"] = { state: "finished" };

type Answers = operations["get_batch"]["responses"];

export function summary(answer: Answers[200]["content"]["application/json"]): string {
  const { total, states, max_active_runs: limit, is_paused: isPaused } = answer.response;
  const doubled = limit === "None" ? 0 : 2 * limit;
  const state = isPaused === "None" ? "ordinary" : isPaused ? "paused" : "active";
  return `${total} runs, ${states.failed ?? 0} failed, ${doubled}, ${state}`;
}

export const sentence = (failed: Answers[404]["content"]["application/json"]): string => failed.response.error;

export const ofTicks = ({ ticks }: Schemas["Ticks"]): string[] =>
  ticks.map(({ dag_run: run }) => (run === "None" ? "missing" : run.state));
