/** Return after some seconds, or when one of these targets has its event; throws the signal's reason when aborted. */
export function pause(seconds, signal, ...wakers) {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    for (const [target, event] of [[signal, "abort"], ...wakers]) {
      target.addEventListener(event, end, { signal: over.signal });
    }
    if (signal.aborted) end();
  });
}
