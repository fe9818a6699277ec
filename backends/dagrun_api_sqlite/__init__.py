"""The SQLite backend: an Airflow metadata database in a file, or a file of our own, through aiosqlite."""

from __future__ import annotations

from dagrun_api_sqlite.connect import open_store

__all__ = ["open_store"]
