/* Days as text and in words, and instants in the time of a zone. */

/** The length of a day in milliseconds. */
export const DAY = 86_400_000;

const NAMES_OF_UTC = ["UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z", "+00:00"];

const text = (instant, options) => new Date(instant).toLocaleDateString("en-GB", { timeZone: "UTC", ...options });

/** Return the day (UTC) of an instant as a date field and the API have it, such as 2026-05-11. */
export const dayText = (instant) => new Date(instant).toISOString().slice(0, 10);

/** Return a day (UTC) in words, such as 11 May 2026. */
export const day = (instant) => text(instant, { day: "numeric", month: "long", year: "numeric" });

/** Return the days (UTC) from one instant to another in words, such as 11 to 15 May 2026. */
export function dayRange(first, last) {
  const [one, other] = [new Date(first), new Date(last)];
  if (day(first) === day(last)) return day(first);
  const options = { day: "numeric" };
  if (one.getUTCMonth() !== other.getUTCMonth()) options.month = "long";
  if (one.getUTCFullYear() !== other.getUTCFullYear()) Object.assign(options, { month: "long", year: "numeric" });
  return `${text(first, options)} to ${day(last)}`;
}

/** Return the zones among these names whose time may not be UTC, each once. */
export const otherZones = (names) => [...new Set(names)].filter((name) => isKnown(name) && !NAMES_OF_UTC.includes(name));

/** Return the time that a clock in a zone shows at an instant, with the day where it is not that of UTC. */
export function timeIn(zone, instant) {
  const time = new Date(instant).toLocaleTimeString("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  const there = text(instant, { timeZone: zone, day: "numeric", month: "long" });
  return there === text(instant, { day: "numeric", month: "long" }) ? time : `${time} on ${there}`;
}

function isKnown(zone) {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: zone });
    return true;
  } catch {
    // Airflow may name a zone in a way that browsers do not know.
    return false;
  }
}
