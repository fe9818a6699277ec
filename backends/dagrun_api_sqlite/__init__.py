"""The SQLite backend: an Airflow metadata database, or the built-in one, in a file, through aiosqlite."""

from __future__ import annotations

from dagrun_api_sqlite.connect import open_store

__all__ = ["open_store"]
