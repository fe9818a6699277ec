/* The sentences at the head of a batch: how many runs have ended, how fast, and what came out. */

import { sleep } from "../app/sleep.js";
import { endedOf, hasEnded } from "../app/states.js";
import { ago, count, duration, figure, instant, instantOf } from "../app/values.js";
import { rateInWords, rateOf, rateSoFar, withSample } from "./rate.js";

/** Seconds after which the time left is told again, although no run has ended. */
const TICK = 15;

/** Return a function that writes the progress of the batch into the head; the signal ends it. */
export function batchHead({ summary, pace }, signal) {
  let samples = [];
  let shown;

  const drawPace = () => {
    const words = hasEnded(shown) ? afterwards(shown) : paceOf(shown, samples, Date.now() / 1000);
    pace.replaceChildren(...words);
  };
  const keepPace = async () => {
    while (!signal.aborted) {
      await sleep(TICK, signal).catch(() => {});
      if (!signal.aborted) drawPace();
    }
  };

  return (progress) => {
    const isFirst = shown === undefined;
    shown = progress;
    samples = withSample(samples, { at: Date.now() / 1000, ended: endedOf(progress.states) });
    summary.textContent = summaryOf(progress);
    drawPace();
    if (isFirst) keepPace();
  };
}

/** Return what has ended, out of what. */
function summaryOf(progress) {
  const { states, total, percent_done, max_active_runs, is_paused } = progress;
  if (hasEnded(progress)) return resultOf(progress);
  const limit = max_active_runs === "None" ? "" : ` At most ${figure(max_active_runs)} at once.`;
  const rest = is_paused === true ? " Paused: no further runs start." : "";
  return `${figure(endedOf(states))} of ${count(total, "run")} ended (${figure(percent_done)}%).${limit}${rest}`;
}

function resultOf({ states, total, cancelled, first_queued, last_ended }) {
  const { success = 0, failed = 0 } = states;
  const isTimed = first_queued !== "None" && last_ended !== "None";
  const seconds = isTimed ? (instantOf(last_ended) - instantOf(first_queued)) / 1000 : 0;
  const isOne = total === 1;
  const all = isOne ? "The run" : `All ${count(total, "run")}`;
  const ended = seconds >= 1 ? `ended in ${duration(Math.round(seconds))}` : `${isOne ? "has" : "have"} ended`;
  const never = cancelled ? ` (${figure(cancelled)} cancelled before ${cancelled === 1 ? "it" : "they"} started)` : "";
  const results = [success && `${figure(success)} succeeded`, failed && `${figure(failed)} failed${never}`];
  return `${all} ${ended}: ${results.filter(Boolean).join(", ")}.`;
}

function afterwards({ last_ended }) {
  const when = last_ended === "None" ? [] : ["The last one ended at ", instant(last_ended), " UTC. "];
  return [...when, "Whatever is added or retried elsewhere appears here within a minute."];
}

function paceOf({ states, total, is_paused, first_queued, last_ended }, samples, now) {
  const ended = endedOf(states);
  if (is_paused === true && !states.running) return [];
  const seconds = (text) => instantOf(text) / 1000;
  const known = { ended, firstQueued: seconds(first_queued), lastEnded: seconds(last_ended) };
  const rate = rateOf(samples, now) ?? rateSoFar(known, now);
  if (rate !== undefined) return [`${rateInWords(rate, total - ended)}.`];
  return last_ended === "None" ? [] : [`The last run ended ${ago(last_ended, now * 1000)}.`];
}
