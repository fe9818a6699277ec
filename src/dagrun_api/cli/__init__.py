"""The command line: commands of the service itself, and commands that call a running service."""
