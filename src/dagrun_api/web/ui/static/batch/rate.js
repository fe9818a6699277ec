/* How fast the runs of a batch end, and how long the others will take. No DOM; all times are in seconds. */

import { count } from "../app/values.js";

/** How long what was seen says something about now. */
const WINDOW = 600;
/** What has to be seen before it says anything: runs that ended, over a time. */
const FEWEST_RUNS = 3;
const SHORTEST = 20;
/** How long ago the last run may have ended, where no more is known: seconds, and a part of the whole time. */
const FRESH = 120;
const FRESH_PART = 0.1;

/** Return the samples, each the number of runs that have `ended` at a time, with another one. */
export function withSample(samples, sample) {
  // After a retry fewer have ended than before, and what was seen says nothing about what comes.
  const kept = samples.length > 0 && sample.ended < samples.at(-1).ended ? [] : samples;
  const begin = kept.findLastIndex(({ at }) => at <= sample.at - WINDOW);
  return [...kept.slice(Math.max(begin, 0)), sample];
}

/**
 * Return how many runs end a second; undefined without a basis. Runs may end in bursts. So the time is that from one
 * sample to another; the pause since then counts only when it is longer than those between the samples.
 */
export function rateOf(samples, now) {
  if (samples.length < 2) return undefined;
  const [first] = samples;
  const last = samples.at(-1);
  const longest = Math.max(...samples.slice(1).map(({ at }, place) => at - samples[place].at));
  const until = now - last.at > longest ? now : last.at;
  return ratio(last.ended - first.ended, until - first.at);
}

/**
 * Return how many runs ended a second since the first one was queued, which is known at the first look. Undefined
 * without a basis, and when none has ended lately: then the batch was retried, or stands still.
 */
export function rateSoFar({ ended, firstQueued, lastEnded }, now) {
  const seconds = lastEnded - firstQueued;
  return now - lastEnded <= Math.max(FRESH, FRESH_PART * seconds) ? ratio(ended, seconds) : undefined;
}

const ratio = (runs, seconds) => (runs >= FEWEST_RUNS && seconds >= SHORTEST ? runs / seconds : undefined);

/** Return a rate, and the time for the runs left, in words: "12 runs a minute, about 25 minutes left". */
export const rateInWords = (rate, left) => `${speed(rate)}, ${timeLeft(left / rate)} left`;

function speed(rate) {
  const units = [["minute", 60], ["hour", 3600], ["day", 86_400]];
  const [noun, seconds] = units.find(([, each]) => rate * each >= 0.95) ?? units.at(-1);
  return `${count(rounded(rate * seconds), "run")} ${noun === "hour" ? "an" : "a"} ${noun}`;
}

function timeLeft(seconds) {
  if (seconds < 60) return "less than a minute";
  const units = [["day", 86_400], ["hour", 3600], ["minute", 60]];
  const [noun, size] = units.find(([, each]) => seconds >= 1.5 * each) ?? units.at(-1);
  const number = seconds / size;
  return `about ${count(noun === "minute" && number < 10 ? Math.round(number) : rounded(number), noun)}`;
}

/** Return a number with as many digits as an estimate deserves. */
const rounded = (number) => (number < 10 ? Math.round(number * 2) / 2 : Number(number.toPrecision(2)));
