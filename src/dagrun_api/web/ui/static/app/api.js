/* Requests to the API: the envelope, the token, and retries while the service or its database is away. */

import { OPENAPI_URL } from "../shared/service.js";
import { authorization, token } from "../shared/token.js";
import { endOutage, waitToRetry } from "./outage.js";
import { askForToken } from "./token_dialog.js";

const ROOT = new URL(".", OPENAPI_URL);
const TIMEOUT = 30_000;
/** Seconds before the first retry, and the most before a later one. */
const FIRST_RETRY = 2;
const LAST_RETRY = 30;

/** A refused or failed request: the sentence and the status of the answer; the status is 0 when no answer came. */
export class Failure extends Error {
  constructor(status, sentence, retryAfter = null) {
    super(sentence);
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later. */
  get isTemporary() {
    return [0, 429, 502, 503, 504].includes(this.status);
  }

  /** Whether the service may have done what was requested. */
  get isUncertain() {
    return this.status === 0 || this.status >= 500;
  }
}

/**
 * Return the contents of the envelope, the ETag, and where the next page starts; contents are undefined after a 304.
 *
 * Retries while the service or its database is away. Throws a Failure, or the reason of the signal.
 */
export async function get(path, { etag, signal }) {
  const request = {};
  const headers = etag ? { "If-None-Match": etag } : {};
  let seconds = FIRST_RETRY;
  try {
    for (;;) {
      try {
        return await withToken(path, { signal, headers });
      } catch (failure) {
        if (!failure.isTemporary) throw failure;
        await waitToRetry(request, failure.message, failure.retryAfter ?? seconds, signal);
        seconds = Math.min(seconds * 2, LAST_RETRY);
      }
    }
  } finally {
    endOutage(request);
  }
}

/**
 * Send an object, or nothing, once; return the contents of the envelope. Throws a Failure, or the reason of the signal.
 *
 * A request that writes has no signal: leaving the view does not abort it.
 */
export async function post(path, value, signal = new AbortController().signal) {
  const body = value === undefined ? undefined : JSON.stringify(value);
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  return (await withToken(path, { method: "POST", body, headers, signal })).contents;
}

/** Send a request; when the service requires a token, ask for one and send it again. */
async function withToken(path, options) {
  for (;;) {
    const used = token();
    try {
      return await send(path, options);
    } catch (failure) {
      if (failure.status !== 401) throw failure;
      // Another request may have asked for a new token meanwhile.
      const isNew = token() !== used;
      const complaint = used === null ? "" : "The service does not accept this token.";
      if (!isNew && !(await askForToken(complaint, options.method === undefined))) throw failure;
      options.signal.throwIfAborted();
    }
  }
}

async function send(path, { signal, headers, ...options }) {
  // A browser resolves these segments, encoded or not, and would request another path.
  if (/(^|\/)\.\.?(\/|\?|$)/.test(path)) {
    throw new Failure(400, "A browser cannot request an id that is “.” or “..”. Use another client, such as curl.");
  }
  const request = new Request(new URL(path, ROOT), {
    ...options,
    headers: { ...headers, ...authorization() },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    cache: "no-store",
  });
  let response, text;
  try {
    response = await fetch(request);
    text = await response.text();
  } catch {
    signal.throwIfAborted();
    throw new Failure(0, "The service cannot be reached.");
  }
  if (response.status === 304) return {};
  const contents = contentsOf(text);
  if (!response.ok || contents === undefined) {
    const sentence = contents?.error ?? `A proxy answered instead of the service, with status ${response.status}.`;
    // A successful answer without an envelope is not the service's either.
    throw new Failure(response.ok ? 502 : response.status, sentence, retryAfter(response));
  }
  return { contents, etag: response.headers.get("ETag"), next: nextStart(response) };
}

/** Return the id or the date with which the next page starts; undefined when this page is the last one. */
function nextStart(response) {
  const search = /\?([^>]*)>/.exec(response.headers.get("Link") ?? "")?.[1];
  const query = new URLSearchParams(search);
  return query.get("start") ?? query.get("start_date") ?? undefined;
}

/** Return the contents of the envelope; undefined when the text is not one. */
function contentsOf(text) {
  try {
    return JSON.parse(text).response;
  } catch {
    return undefined;
  }
}

/** Return the seconds that the service asks the client to wait; null when it asks for none. */
function retryAfter(response) {
  const seconds = Number.parseInt(response.headers.get("Retry-After"), 10);
  return seconds > 0 ? seconds : null;
}
