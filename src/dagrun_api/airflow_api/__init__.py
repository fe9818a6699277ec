"""A client of Airflow's own REST API, which clears failed runs."""
