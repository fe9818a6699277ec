/* What the service works with, in the frame of the page. */

import { get } from "./api.js";

/** Write the releases of Airflow and the database into the frame, once they are known. */
export async function showInstallation() {
  const signal = new AbortController().signal;
  try {
    const { airflow, backend } = (await get("about", { signal })).contents;
    const tables = airflow === "None" ? "Built-in tables" : `Airflow ${airflow}`;
    document.getElementById("about").textContent = `${tables} · ${backend}`;
  } catch {
    // The view itself says what is wrong.
  }
}
