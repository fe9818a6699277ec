"""One process that serves the application."""
