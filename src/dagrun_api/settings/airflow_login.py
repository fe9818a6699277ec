"""Which of the options for Airflow's own API make sense together."""

from __future__ import annotations

from dagrun_api.errors import ConfigurationError

__all__ = ["refuse_unusable"]


def refuse_unusable(url: str | None, username: str | None, password: str | None, token: str | None) -> None:
    """Raise ConfigurationError, naming the options, if they leave open where to log in to Airflow's API, or how."""
    given = {"airflow_username": username, "airflow_password": password, "airflow_token": token}
    names = [name for name, value in given.items() if value is not None]
    if not names:
        return
    if url is None:
        verb = "needs" if len(names) == 1 else "need"
        raise ConfigurationError(f"{_listed(names)} {verb} airflow_url, the address of Airflow's API: set it as well.")
    if token is not None and len(names) > 1:
        raise ConfigurationError(
            f"{_listed(names)} are set: set either airflow_token, or airflow_username and airflow_password."
        )
    if token is None and len(names) == 1:
        (absent,) = {"airflow_username", "airflow_password"} - set(names)
        raise ConfigurationError(f"{names[0]} is set without {absent}: set both.")


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
