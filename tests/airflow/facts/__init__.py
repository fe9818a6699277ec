"""What the tests need to know of an Airflow release, asked of the release itself (`make airflow-facts`)."""
