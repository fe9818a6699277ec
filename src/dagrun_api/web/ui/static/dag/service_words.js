/* The sentences of the service about a request, in the words of the form. No DOM. */

/** How a sentence about a key of the API begins or what it contains; the field, and what to say instead. */
const REFUSALS = [
  [/^prefix makes run ids of \d+ characters/, "name", "This name makes ids that are too long. Use a shorter one."],
  [/^prefix .* makes run ids that begin with (\S+),/, "name", "Ids that begin with $1 are Airflow's own. Choose another name."],
  [/^prefix .* contains the number and date/, "name", "This looks like the id of a run. Keep only what comes before its number."],
  [/^A run with the prefix .* has a number so high/, "name", "No number is left for this name. Choose another name."],
  [/^The runs with the prefix .* are ordinary ones/, "name", "Runs with this name exist, and they have no limit of their own. Choose another name, or leave “Active at once” empty."],
  [/^prefix/i, "name"],
  [/^max_active_runs/, "limit"],
  [/has tasks that depend on the past/, "order", "Tasks of this DAG depend on the run before, so the newest cannot be first."],
  [/^conf has the key (.*) twice/, "conf", "The key $1 is there twice."],
  [/^conf is not valid JSON \((.*)\)/, "conf", "This is not JSON: $1."],
  [/^conf (?:is|holds|has) /, "conf"],
  [/^conf must/, "conf"],
  [/^The body is larger than (\d+) bytes/, "conf", "This is too long: a request may have $1 bytes."],
  [/is before the start_date of the DAG, ([\d-]+)T/, "from", "The first date of this DAG is $1. Enter that day or a later one."],
  [/^The run of \S+ has the logical date .* before the start_date/, "from", "The first of these runs is before the first date of the DAG. Enter a later day."],
  [/ lies in the future: only runs/, "from", "This lies in the future. Enter a time that has passed."],
  [/is after the end_date of the DAG, ([\d-]+)T/, "to", "The last date of this DAG is $1. Enter that day or an earlier one."],
  [/^start_date .* is after end_date/, "to", "This is before From. Enter a later one."],
  [/^start_date/, "from"],
  [/^end_date/, "to"],
];

const WORDS = [
  [/Send max_active_runs to limit the batch, so that/, "Fill in “Active at once”, so that"],
  [/more than max_active_runs \((\d+)(, unless it was set)?\)/, "more than the DAG may have active at once ($1$2)"],
  [/reach max_active_runs \((\d+)\)/, "reach what the DAG may have active at once ($1)"],
  [/with max_active_runs (\d+), (.*) Send a lower one\./, "with $1 active at once, $2 Enter fewer."],
  [/^Ticks from (\S+) on are not due yet; no run was created for them\./, "Dates from $1 on are not due yet and are left out."],
  [/^(\d+) ticks have the logical date of another/, "$1 scheduled times have the date of another"],
  [/\bticks\b/g, "scheduled runs"],
  [/: send a later start_date\./, ": enter a later day in From."],
  [/(: send an earlier|Send an earlier) end_date\./, ": enter an earlier day in To."],
  [/\bmax_active_runs\b(?! above|_per)/g, "“Active at once”"],
  [/\brun_backwards\b/g, "“newest first”"],
  [/\bDag id (\S+)/g, "The DAG $1"],
  [/\bdag id (\S+)/g, "the DAG $1"],
];

/** Return the name of the field that a refusal is about, and what to say there; no field if it is about none. */
export function refusal(sentence) {
  for (const [pattern, field, words] of REFUSALS) {
    const found = pattern.exec(sentence);
    if (found === null) continue;
    const said = words?.replace(/\$(\d)/g, (_, group) => found[group]) ?? inFormWords(sentence);
    return { field, sentence: said };
  }
  return { sentence: inFormWords(sentence) };
}

/** Return a sentence with the words of the form where it names keys of the API. */
export const inFormWords = (sentence) =>
  WORDS.reduce((text, [pattern, words]) => text.replace(pattern, words), sentence);
