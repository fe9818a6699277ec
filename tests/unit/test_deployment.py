"""The deployment files in config/ agree with the code: paths, ports, options, times and users."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from dagrun_api.settings import OPTIONS, TOKEN_VARIABLES, Settings

ROOT = Path(__file__).parent.parent.parent
CONFIG = ROOT / "config"
VARIABLES = {each.variable for each in OPTIONS} | set(TOKEN_VARIABLES) | {"DAGRUN_API_CONFIG"}
STOPPING = Settings().drain_delay + Settings().shutdown_timeout
"""The seconds that the service may take to stop with default settings."""

PACKAGE = ConfigParser()
PACKAGE.read(ROOT / "setup.cfg")

INSTRUCTIONS = re.findall(
    r"^([A-Z]+) ((?:.*\\\n)*.*)", re.sub(r"^#.*\n", "", (CONFIG / "Dockerfile").read_text(), flags=re.MULTILINE), re.M
)


def instructions(name: str) -> list[str]:
    return [text.replace("\\\n", " ") for each, text in INSTRUCTIONS if each == name]


def mentioned(text: str) -> set[str]:
    """Return the variables of the service that a file mentions."""
    return set(re.findall(r"\bDAGRUN_API_[A-Z_]+\b|\bAIRFLOW__AIRFLOW_API_PLUGIN__\w+", text))


@pytest.mark.parametrize(
    "name", ["Dockerfile", "compose.yaml", "dagrun-api.ini", "dagrun-api.service", "gunicorn.conf.py"]
)
def test_every_variable_in_a_file_is_an_option(name: str) -> None:
    assert mentioned((CONFIG / name).read_text()) <= VARIABLES


# --- the image ---


def test_the_image_copies_what_dockerignore_lets_through() -> None:
    copied = [source for text in instructions("COPY") if not text.startswith("--from") for source in text.split()[:-1]]
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied) == let_through
    for source in copied:
        assert (ROOT / source).exists()


def test_the_image_runs_the_service_without_root() -> None:
    (user,) = instructions("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert instructions("ENTRYPOINT") == ['["dagrun-api"]']
    assert instructions("CMD") == ['["serve"]']
    assert instructions("STOPSIGNAL") == ["SIGTERM"]
    assert instructions("EXPOSE") == [str(Settings().port)]


def test_the_image_downloads_nothing_without_a_hash() -> None:
    commands = [each for text in instructions("RUN") for each in text.split("&&") if "pip" in each.split()]
    assert len(commands) == 4
    for each in commands:
        assert "--require-hashes" in each or "--no-index" in each or "--no-deps --no-build-isolation" in each


def test_the_image_has_a_supported_python() -> None:
    (python,) = instructions("ARG")
    name = python.removeprefix("PYTHON=").removesuffix("-slim")
    assert f"Programming Language :: Python :: {name}" in PACKAGE["metadata"]["classifiers"].splitlines()


def checked(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the health check as the image does."""
    (text,) = instructions("HEALTHCHECK")
    assert text.endswith('CMD ["python", "/opt/dagrun-api/healthcheck.py"]')
    paths = {"PYTHONPATH": ":".join(sys.path)}
    return subprocess.run(
        (sys.executable, str(CONFIG / "healthcheck.py")), env=paths | environment, capture_output=True, text=True
    )


def answering(listening: socket.socket, status: str) -> threading.Thread:
    """Answer one request for the probe with this status."""

    listening.settimeout(10)

    def answer() -> None:
        connection, _ = listening.accept()
        with connection:
            request = connection.recv(1000)
            assert request.startswith(b"GET /healthz HTTP/1.1\r\nHost: ")
            connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1", "::"])  # noqa: S104
@pytest.mark.parametrize(("status", "expected"), [("200 OK", 0), ("503 Service Unavailable", 1)])
def test_the_health_check_follows_host_and_port(host: str, status: str, expected: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listening:
        thread = answering(listening, status)
        ended = checked({"DAGRUN_API_HOST": host, "DAGRUN_API_PORT": str(listening.getsockname()[1])})
        thread.join()
    assert (ended.returncode, bool(ended.stderr)) == (expected, bool(expected)), ended.stderr


def test_the_health_check_follows_unix_socket_and_file(tmp_path: Path) -> None:
    file = tmp_path / "dagrun-api.ini"
    file.write_text(f"[dagrun_api]\nunix_socket = {tmp_path}/api.sock\n")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{tmp_path}/api.sock")
        listening.listen()
        thread = answering(listening, "200 OK")
        assert checked({"DAGRUN_API_CONFIG": str(file)}).returncode == 0
        thread.join()


def test_the_health_check_prints_why_it_failed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    ended = checked({"DAGRUN_API_PORT": str(port)})
    assert (ended.returncode, ended.stderr) == (1, "unhealthy: [Errno 111] Connection refused\n")
    assert "DAGRUN_API_PORT must be" in checked({"DAGRUN_API_PORT": "http"}).stderr


# --- systemd ---


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read(CONFIG / name)
    return parser


def test_the_unit_passes_the_file_to_the_service() -> None:
    service = unit("dagrun-api.service")["Service"]
    name, _, path = service["LoadCredential"].partition(":")
    assert service["ExecStart"].endswith(f"/dagrun-api serve --config %d/{name}")
    assert path == "/etc/dagrun-api/dagrun-api.ini"


def test_the_unit_gives_the_service_time_to_stop() -> None:
    assert float(unit("dagrun-api.service")["Service"]["TimeoutStopSec"]) > STOPPING


def test_the_socket_has_the_address_of_the_service() -> None:
    listening = unit("dagrun-api.socket")["Socket"]
    assert listening["ListenStream"] == f"{Settings().host}:{Settings().port}"
    # The same backlog as the service sets.
    assert listening["Backlog"] == "1024"


# --- compose ---


@pytest.fixture
def services() -> dict[str, Any]:
    """Return the services of the compose file by name."""
    found: dict[str, Any] = yaml.safe_load((CONFIG / "compose.yaml").read_text())["services"]
    return found


def test_ports_are_local_and_secrets_are_not_in_the_file(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if any(word in name for word in ("PASSWORD", "SECRET", "KEY", "AUTH", "CONN", "API_DATABASE")):
                # It comes from .env; without that, compose refuses to start.
                assert re.search(r"\$\{[A-Z_]+:\?", value), name


def test_each_dependency_can_be_waited_for(services: dict[str, Any]) -> None:
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            other = services[name]
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in other
            else:
                assert (wanted["condition"], other["restart"]) == ("service_completed_successfully", "no")


def test_the_container_of_the_service_is_locked_down(services: dict[str, Any]) -> None:
    service = services["dagrun-api"]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert float(service["stop_grace_period"].removesuffix("s")) > STOPPING
    given = {name: re.sub(r"\$\{.+?\}", "filled-in", value) for name, value in service["environment"].items()}
    settings = Settings.load({}, given)
    assert settings.audit_log
    assert settings.is_guarded
    assert (CONFIG / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_the_service_uses_the_user_of_privileges_sql(services: dict[str, Any]) -> None:
    assert services["dagrun-api"]["environment"]["DAGRUN_API_DATABASE"].startswith("postgresql://dagrun_api:")
    assert "./privileges.sql:/privileges.sql:ro" in services["privileges"]["volumes"]
    assert "CREATE ROLE dagrun_api" in (CONFIG / "privileges.sql").read_text()


def test_its_airflow_is_one_that_the_tests_cover(services: dict[str, Any]) -> None:
    _, _, release = services["airflow-scheduler"]["image"].partition(":")
    assert (ROOT / f"tests/schemas/{release}-postgres.sql").is_file()


# --- versions ---


def test_the_changelog_begins_with_this_version() -> None:
    headings = re.findall(r"^## (\S+)", (CONFIG / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert next(each for each in headings if each != "Unreleased") == PACKAGE["metadata"]["version"]
