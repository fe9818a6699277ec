/* A cron schedule in words, for the plain cases. */

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
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
  if (day === "*" && weekday === "*" && hour === "*") return withinHours(minute);
  if (!isNumber(minute, 59) || !isNumber(hour, 23)) return undefined;
  const dates = whichDays(day, weekday);
  return dates && `${dates} at ${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
}

function withinHours(minute) {
  if (minute === "*") return "every minute";
  if (minute === "0") return "every hour";
  if (isNumber(minute, 59)) return `every hour at minute ${minute}`;
  const step = /^\*\/(\d+)$/.exec(minute)?.[1];
  return step > 1 && 60 % step === 0 ? `every ${step} minutes` : undefined;
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
