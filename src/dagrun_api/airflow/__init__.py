"""What we know of Airflow's metadata database, as data and pure functions; Airflow itself is never imported."""
