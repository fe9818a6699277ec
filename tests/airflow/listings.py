"""What Airflow's command line prints of runs: a list in JSON, or the table of 1.10."""

from __future__ import annotations

import json


def read_runs(printed: str) -> dict[str, str]:
    """Return run id -> state; warnings of plugins and providers may stand before the list."""
    if "[{" in printed:
        listed: list[dict[str, str]] = json.loads(printed[printed.index("[{") :])
        return {run["run_id"]: run["state"] for run in listed}
    rows = [[field.strip() for field in line.split("|")] for line in printed.splitlines() if line.count("|") > 2]
    return {fields[1]: fields[2] for fields in rows if fields[0].isdigit()}
