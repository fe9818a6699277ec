"""The schedule engine: against lists made by real Airflow, against a slow oracle, and rule by rule."""
