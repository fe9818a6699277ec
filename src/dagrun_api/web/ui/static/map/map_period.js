/* The choice of the period that a map shows: the one before, the next, the latest, or any days. */

import { DAY, dayText } from "../app/days.js";
import { clearErrors, setError, showErrors } from "../app/field_errors.js";
import { disable } from "../app/focus.js";
import { instantOf } from "../app/values.js";
import { MOST_DAYS, beside, latest, ofDays } from "./periods.js";

/**
 * Let the visitor choose the period of the map of a DAG. `go` gets it; undefined stands for the latest, of any length.
 * Return the function that writes the period that is shown.
 */
export function mapPeriod(parts, dag, go) {
  const { title, previous, next, newest, other, days } = parts;
  const { map_from: from, map_to: to } = days.elements;
  const summary = other.firstElementChild;
  let period;

  previous.addEventListener("click", () => go(beside(period, -1)));
  next.addEventListener("click", () => go(beside(period, 1)));
  newest.addEventListener("click", () => go(period.span.name === "days" ? undefined : latest(period.span, Date.now())));
  days.addEventListener("input", () => clearErrors(days));
  days.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = mistakes(from, to);
    if (wrong.length > 0) return showErrors(wrong);
    other.open = false;
    summary.focus();
    go(ofDays(Date.parse(from.value), Date.parse(to.value)));
  });
  other.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !other.open) return;
    other.open = false;
    summary.focus();
  });

  return (shown) => {
    period = shown;
    const [before, after] = [beside(period, -1), beside(period, 1)];
    title.textContent = period.title;
    previous.textContent = `‹ ${before.title}`;
    next.textContent = `${after.title} ›`;
    newest.textContent = period.span.latest;
    disable(previous, dag.start_date !== "None" && before.end <= instantOf(dag.start_date), summary);
    disable(next, after.start > Date.now(), summary);
    disable(newest, period.isLatest, summary);
    from.value = dayText(period.start);
    to.value = dayText(period.end - DAY);
    for (const field of [from, to]) setError(field);
  };
}

function mistakes(from, to) {
  if (from.value === "") return [[from, "Enter the first day."]];
  if (to.value === "") return [[to, "Enter the last day."]];
  const length = (Date.parse(to.value) - Date.parse(from.value)) / DAY + 1;
  if (length < 1) return [[to, "This is before the first day."]];
  return length > MOST_DAYS ? [[to, "The map shows at most a year."]] : [];
}
