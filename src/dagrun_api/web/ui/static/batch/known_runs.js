/* The runs of a batch as far as they are known: read in full once, and then only where something may have changed. */

import { countStates, endedOf } from "../app/states.js";

const PAGE = 100;
/** How many runs of a batch are read. */
export const MOST_RUNS = 10_000;

/**
 * Return two functions. `expect` takes the progress in each DAG, also while runs are being read. `update` brings what
 * is known of the runs up to date; after each portion it calls `changed` with the id of a DAG and its runs. `read` is
 * that of batch_runs.js.
 *
 * The progress says how many runs of a DAG are in each state. While that is so of the known ones, nothing is read. Else
 * pages are read again, those with running runs first, until it is so.
 */
export function knownRuns(read, changed) {
  const known = new Map();
  let latest = new Map();
  const isFull = () => [...known.values()].reduce((sum, dag) => sum + sizeOf(dag), 0) >= MOST_RUNS;
  const tell = (dagId) => changed(dagId, runsOf(known.get(dagId)));

  const readPage = async (dagId, page) => {
    const dag = known.get(dagId);
    const { runs, next } = await read({ dagId, start: page.start, size: PAGE });
    const place = dag.pages.indexOf(page);
    const following = place === -1 ? undefined : dag.pages[place + 1];
    // In place of runs that were deleted there are some of the next page.
    page.runs = following ? runs.filter(({ id }) => id <= following.start) : runs;
    if (place === -1) dag.pages.push(page);
    if (!following) dag.next = next;
    dag.isComplete = dag.next === undefined;
  };
  /** Read what is not known yet; each DAG has its turn, so that all of them grow at the same time. */
  const complete = async () => {
    for (;;) {
      const growing = [...latest.keys()].filter((dagId) => !known.get(dagId).isComplete);
      if (growing.length === 0) return;
      for (const dagId of growing) {
        if (isFull()) return;
        await readPage(dagId, { start: known.get(dagId).next, runs: [] });
        tell(dagId);
      }
    }
  };
  const refresh = async (dagId) => {
    const dag = known.get(dagId);
    const again = new Set();
    while (latest.has(dagId) && !fits(dag, latest.get(dagId))) {
      const page = likeliest(dag, again);
      if (page === undefined) break;
      await readPage(dagId, page);
      again.add(page);
    }
    if (again.size > 0) tell(dagId);
  };

  return {
    expect: (dags) => {
      latest = new Map(dags.map((dag) => [dag.dag_id, dag]));
    },
    update: async () => {
      const old = [...latest.keys()].filter((dagId) => known.get(dagId)?.isComplete);
      for (const dagId of latest.keys()) if (!known.has(dagId)) known.set(dagId, { pages: [], isComplete: false });
      for (const dagId of old) {
        const dag = known.get(dagId);
        if (dag.pages.length === 0 || sizeOf(dag) >= latest.get(dagId).total) continue;
        await readPage(dagId, dag.pages.at(-1));
        tell(dagId);
      }
      await complete();
      for (const dagId of latest.keys()) await refresh(dagId);
    },
  };
}

const runsOf = ({ pages }) => pages.flatMap(({ runs }) => runs);
const sizeOf = ({ pages }) => pages.reduce((sum, { runs }) => sum + runs.length, 0);

/** Return whether as many known runs are in each state as the progress says. */
function fits(dag, { states }) {
  const counts = countStates(runsOf(dag));
  return Object.keys({ ...states, ...counts }).every((name) => states[name] === counts[name]);
}

/** Return the page that most likely has changed, of those not read again yet; undefined when none may have. */
function likeliest({ pages, isComplete }, again) {
  const ranks = pages.filter((page) => !again.has(page)).map((page) => ({ page, rank: rank(page) }));
  ranks.sort((one, other) => one.rank - other.rank);
  // Of a batch that is too large to be known in full, runs that have ended are not read again.
  return ranks.find((each) => isComplete || each.rank < ENDED)?.page;
}

const ENDED = 2;

function rank(page) {
  const counts = countStates(page.runs);
  return counts.running ? 0 : endedOf(counts) < page.runs.length ? 1 : ENDED;
}
