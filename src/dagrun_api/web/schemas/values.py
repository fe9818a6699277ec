"""The kinds of values that have a name in the OpenAPI document, so that generated clients have types for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagrun_api.model import STATES, RunType

__all__ = ["VALUES", "named", "or_absent"]

_FATES = {
    "missing": "Dates without a run although they are due.",
    "not_due": "Dates without a run that are not due yet.",
    **{state: f"Runs in the state `{state}`." for state in STATES},
}


def _words(description: str, *words: str) -> dict[str, Any]:
    return {"type": "string", "description": description, "enum": list(words)}


def _counts(names: Mapping[str, str], minimum: int) -> dict[str, Any]:
    number = {"type": "integer", "minimum": minimum}
    counted = {name: {"description": description, **number} for name, description in names.items()}
    return {"type": "object", "properties": counted, "additionalProperties": number}


VALUES: Mapping[str, Mapping[str, Any]] = {
    "Absent": _words("The word `None`, which stands for a value that is absent.", "None"),
    "Conf": {
        "type": "object",
        "description": "What the tasks of a run see as `dag_run.conf`: any keys and values.",
        "additionalProperties": True,
    },
    "ExternalTrigger": _words("Whether something other than the schedule of its DAG created a run.", "True", "False"),
    "Retries": _words("Which failed runs are retried.", "airflow", "database", "none"),
    "RunOrder": _words("The order of runs by `id`.", "asc", "desc"),
    "RunState": _words("The state of a run.", *STATES),
    "RunType": _words("The type of the runs of a batch.", *(each.value for each in RunType)),
    "StateCounts": {
        "description": "The number of runs in each state. States without runs are left out, and other programs may "
        "have written other states.",
        **_counts({state: f"Runs in the state `{state}`." for state in STATES}, 1),
    },
    "Switch": _words("On or off.", "true", "false"),
    "TickCounts": {
        "description": "The number of ticks without a run, and of those with a run in each state. Other programs may "
        "have written other states.",
        **_counts(_FATES, 0),
        "required": list(_FATES),
    },
    "Timestamp": {
        "type": "string",
        "description": "An instant in UTC, with a fraction only if it is not zero.",
        "pattern": r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{6})?$",
        "examples": ["2017-09-19 12:00:00", "2017-09-20 18:10:02.190813"],
    },
}
"""Name -> schema."""


def named(name: str) -> dict[str, Any]:
    """Return the schema that refers to another one by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_absent(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a value that the word `None` may stand for."""
    # A text may be that word itself.
    return {"anyOf" if schema.get("type") == "string" else "oneOf": [named("Absent"), schema]}
