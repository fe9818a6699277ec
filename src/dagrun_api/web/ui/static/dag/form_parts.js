/* Which parts of the form are shown, for a DAG and for the kind of runs that is chosen. */

import { element } from "../shared/elements.js";
import { unique } from "../app/prefix.js";
import { count } from "../app/values.js";

/** The limit that Airflow's own backfills have by default. */
const USUAL_LIMIT = 10;
const SHOWN_DATES = 100;

/** Prepare the form for a DAG: what it can create, and what it begins with. */
export function prepare({ form, kinds, limits }, dag, { native_backfills: isNative }) {
  const isListable = dag.unlistable === "None";
  const offered = isListable ? ["range", "chosen", "now"] : ["now", "moment"];
  for (const label of kinds.querySelectorAll("label")) {
    label.hidden = !offered.includes(label.dataset.kind);
    label.firstElementChild.disabled = label.hidden;
  }
  form.elements.kind.value = offered[0];
  form.elements.name.defaultValue = unique(dag.dag_id, new Date());
  // A DAG without a schedule has single runs only.
  if (!isNative || !isListable) limits.remove();
  else form.elements.limit.defaultValue = Math.min(Number(dag.max_active_runs) || USUAL_LIMIT, USUAL_LIMIT);
  // The pickers then offer the dates of the DAG alone.
  for (const field of [form.elements.from, form.elements.to]) {
    if (dag.start_date !== "None") field.min = dag.start_date.slice(0, 10);
    if (dag.end_date !== "None") field.max = dag.end_date.slice(0, 10);
  }
}

/** Show the parts for the values of the form. */
export function showParts(parts, { kind, isExact, dates, limit, conf }) {
  const { form, range, chosen, limits } = parts;
  const isMoment = kind === "moment";
  range.hidden = kind !== "range" && !isMoment;
  chosen.hidden = kind !== "chosen";
  parts.from_label.textContent = isMoment ? "Date" : "From";
  for (const part of [parts.to_field, parts.exactly, parts.chips]) part.hidden = isMoment;
  for (const part of [parts.from_time, parts.to_time]) part.hidden = !isExact;
  parts.exact_hint.textContent = isExact
    ? "In UTC, the last minute or second included."
    : "Whole days, in UTC.";
  parts.single_text.hidden = kind !== "now";
  parts.single_text.textContent = "One run at this moment, whatever the schedule says.";
  limits.hidden = kind !== "range" && kind !== "chosen";
  if (limits.isConnected) {
    form.elements.order.disabled = limit === "";
    parts.limit_hint.textContent =
      limit === ""
        ? "No limit: until they have ended, scheduled runs may be late or left out."
        : "Limits these runs only; others do not wait.";
  }
  parts.conf_note.textContent = conf === "" ? "(optional)" : "(set)";
  showDates(parts, dates);
}

function showDates({ chosen_text, chosen_list, chosen_dates }, dates) {
  const how = "Click days in the map to choose those whose run is missing, or to leave them out again.";
  chosen_text.textContent = dates.length ? `${count(dates.length, "chosen date")}. ${how}` : how;
  chosen_list.hidden = dates.length === 0;
  const items = dates.slice(0, SHOWN_DATES).map((date) => element("li", {}, date));
  if (dates.length > SHOWN_DATES) items.push(element("li", {}, `and ${count(dates.length - SHOWN_DATES, "more date")}`));
  chosen_dates.replaceChildren(...items);
}
