/* The form that leads to a batch by its prefix. */

import { batchLink } from "./addresses.js";
import { canonical } from "./prefix.js";
import { fill } from "./render.js";

/** Put the form into an element. Without a DAG it has a field for one. */
export function followForm(outlet, dagId) {
  const { form, dag } = fill(outlet, "follow-form");
  dag.hidden = dagId !== undefined;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { prefix, dag_id } = form.elements;
    location.hash = batchLink(canonical(prefix.value.trim()), dagId ?? dag_id.value.trim());
  });
}
