/* What the dates of the form, which are in UTC, mean in the zone of the DAG and in that of the visitor. */

import { otherZones, timeIn } from "../app/days.js";
import { windowOf } from "./form_values.js";

const MINUTE = 60_000;

/** Return the function that writes the local times of the values of the form beside its dates. */
export function localTimes({ from_local: from, to_local: to }, timezone) {
  const zones = otherZones([timezone, Intl.DateTimeFormat().resolvedOptions().timeZone]);
  const inZones = (instant) => zones.map((zone) => `${timeIn(zone, instant)} in ${zone}`).join(", ");
  return (values) => {
    const [first, last] = windowOf(values);
    const start = values.fromTime ? `${values.fromTime} UTC` : "00:00 UTC";
    const end = values.toTime ? `${values.toTime} UTC` : "24:00 UTC";
    from.textContent = zones.length && !Number.isNaN(first) ? `${start} = ${inZones(first)}` : "";
    // The end of a whole day is the start of the next one.
    const until = values.toTime ? Math.floor(last / MINUTE) * MINUTE : last + 1;
    to.textContent = zones.length && !Number.isNaN(last) ? `${end} = ${inZones(until)}` : "";
  };
}
