"""Real Airflow releases beside our service: what we promise about them is tried, not assumed."""
