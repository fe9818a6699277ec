/* The way to the pages of Airflow. */

import { element } from "../shared/elements.js";

/** Return the link to the page of a DAG or of a run in Airflow, in a list; an empty one when its address is not known. */
export function airflowLink({ airflow_url: href }) {
  if (!/^https?:/.test(href)) return [];
  const arrow = element("span", { "aria-hidden": "true" }, " ↗");
  const away = element("span", { class: "visually-hidden" }, " (opens a new tab)");
  return [element("a", { href, target: "_blank", rel: "noreferrer" }, "Open in Airflow", arrow, away)];
}
