/* Below the name of a DAG: its schedule, its file, the way to Airflow, and the switch that pauses it. */

import { element } from "../shared/elements.js";
import { airflowLink } from "../app/airflow_link.js";
import { pauseSwitch } from "../app/pause_switch.js";
import { inWords } from "../app/schedule_words.js";
import { identifier } from "../app/values.js";

/** Draw the line below the name of a DAG; return the function that draws its switch after it was read again. */
export function dagHead({ about, controls }, dag, report) {
  const pieces = [...schedule(dag), ...(dag.full_path === "None" ? [] : [identifier(dag.full_path)])];
  about.replaceChildren(...pieces.flatMap((piece, place) => (place ? [" · ", piece] : [piece])));
  if (dag.description !== "None") about.append(element("br"), dag.description);
  const [item, update] = pauseSwitch(dag, report);
  controls.append(...airflowLink(dag), item);
  return update;
}

function schedule({ schedule: text, timezone }) {
  if (text === "None") return ["No schedule"];
  const words = inWords(text);
  const zone = timezone === "None" ? "" : timezone;
  const written = element("code", {}, text);
  if (words === undefined) return [written, ...(zone ? [zone] : [])];
  const sentence = words[0].toUpperCase() + words.slice(1);
  return [zone ? `${sentence}, ${zone}` : sentence, written];
}
