/* The way to a batch by its prefix. */

import { joined, link } from "./addresses.js";
import { put } from "../shared/elements.js";

/** Put the form into an element; without a DAG it asks for that, too. */
export function follow(outlet, dagId) {
  const { form, dag } = put(outlet, "follow-form");
  dag.hidden = dagId !== undefined;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { prefix, dag_id } = form.elements;
    location.hash = link(["batches", joined(prefix.value.trim())], { dag_id: dagId ?? dag_id.value.trim() });
  });
}
