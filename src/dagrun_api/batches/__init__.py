"""Batches of runs: what the service does, and what it is made of."""
