"""The PostgreSQL backend: an Airflow metadata database, or the built-in one, through asyncpg."""

from __future__ import annotations

from dagrun_api_postgres.connect import open_store
from dagrun_api_postgres.sharing import store_on

__all__ = ["open_store", "store_on"]
