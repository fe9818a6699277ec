"""Answers about the service itself."""

from __future__ import annotations

from marshmallow import Schema, fields

from dagrun_api.web.schemas.columns import Named, WordOrNone
from dagrun_api.web.schemas.fields import described

__all__ = ["AboutSchema"]


class AboutSchema(Schema):
    """What a client may ask of this installation."""

    version = fields.String(metadata=described("The version of this service."))
    backend = fields.String(metadata=described("The kind of database.", examples=["PostgreSQL", "SQLite"]))
    airflow = WordOrNone(
        metadata=described(
            "The first release of Airflow that has these tables, or its major version if they are not known. `None` "
            "for the built-in database.",
            examples=["3.1", "1.10"],
        )
    )
    head = WordOrNone(metadata=described("The revision of Airflow's tables (the alembic head)."))
    writable = fields.Boolean(metadata=described("Whether runs could be created now."))
    reason = WordOrNone(metadata=described("Why not, as a sentence; `None` if they could."))
    native_backfills = fields.Boolean(
        metadata=described(
            "Whether a batch can be one of Airflow's own backfills, which do not hold back the schedule."
        )
    )
    retries = Named(
        "Retries",
        metadata=described(
            "Which failed runs `retry` puts back into the queue: with `airflow` all, because Airflow's own API clears "
            "them; with `database` only those that never started (in the built-in database all); with `none` no run, "
            "because the service may not write."
        ),
    )
