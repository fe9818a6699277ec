/* A cron schedule in words, for the plain cases. */

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const LIST = new Intl.ListFormat("en-GB");
const PRESETS = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
};

/** Return a schedule in words; undefined when it is not one of the plain cases. */
export function inWords(schedule) {
  const cron = PRESETS[schedule] ?? schedule;
  const [minute, hour, day, month, weekday, ...more] = cron.trim().split(/\s+/);
  if (weekday === undefined || more.length > 0 || month !== "*") return undefined;
  const isEveryDay = day === "*" && weekday === "*";
  if (isEveryDay && hour === "*") return withinHours(minute);
  if (!isNumber(minute, 59)) return undefined;
  if (isEveryDay && hour.startsWith("*/")) return everyHours(stepOf(hour, 24), minute);
  const hours = hour.split(",");
  const dates = whichDays(day, weekday);
  if (dates === undefined || !hours.every((each) => isNumber(each, 23))) return undefined;
  const times = hours.map((each) => `${each.padStart(2, "0")}:${minute.padStart(2, "0")}`);
  return `${dates} at ${LIST.format(times)}`;
}

function withinHours(minute) {
  if (minute === "*") return "every minute";
  if (isNumber(minute, 59)) return everyHours(1, minute);
  const step = stepOf(minute, 60);
  return step && `every ${step} minutes`;
}

function everyHours(step, minute) {
  if (step === undefined) return undefined;
  const hours = step === 1 ? "every hour" : `every ${step} hours`;
  return Number(minute) === 0 ? hours : `${hours} at minute ${Number(minute)}`;
}

/** Return the step of a field that is an asterisk, a slash and a number, if it divides the whole. */
function stepOf(field, whole) {
  const step = Number(/^\*\/(\d+)$/.exec(field)?.[1]);
  return step > 1 && whole % step === 0 ? step : undefined;
}

function whichDays(day, weekday) {
  if (day === "*" && weekday === "*") return "every day";
  if (weekday === "*") return isNumber(day, 31) ? `on day ${day} of every month` : undefined;
  if (day !== "*") return undefined;
  if (isNumber(weekday, 7)) return `every ${DAYS[weekday]}`;
  const [, first, last] = /^([0-6])-([1-7])$/.exec(weekday) ?? [];
  return first < last ? `${DAYS[first]} to ${DAYS[last]}` : undefined;
}

const isNumber = (text, most) => /^\d{1,2}$/.test(text) && Number(text) <= most;
