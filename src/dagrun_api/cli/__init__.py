"""The commands that ask a running service, by the client; only the parser of arguments is imported until one runs."""
