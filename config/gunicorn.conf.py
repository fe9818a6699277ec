"""Settings for gunicorn, for operators who run all their services with it.

    pip install '.[uvloop]' gunicorn
    gunicorn --config config/gunicorn.conf.py 'dagrun_api:create_app()'

The options of the service come from the environment, and from the file that DAGRUN_API_CONFIG names; gunicorn's own
settings below follow them. Compared with `dagrun-api serve`, gunicorn has these limits:

* It stops listening immediately, so drain_delay has no effect and /readyz never announces the shutdown.
* aiohttp answers malformed HTTP itself, without the envelope, and accepts more: other transfer codings, chunks in
  HTTP/1.0, and other versions of HTTP. It neither answers nor closes a connection that asks for http://xn--a/.
* max_connections, write_timeout and metrics_port have no effect, nor is there a limit for the time that a client takes
  to send its first request.
* A shutdown does not wait for a request body that is still being received.
* A second signal does not end the process immediately.
"""

from __future__ import annotations

import importlib.util
import logging
import math
import os

from aiohttp.http_exceptions import HttpProcessingError

from dagrun_api.logs import configure
from dagrun_api.settings import Settings
from dagrun_api.web.masking import Mask

_settings = Settings.load({}, os.environ)
_mask = Mask(_settings)

if _settings.unix_socket is not None:
    bind = f"unix:{_settings.unix_socket}"
elif ":" in _settings.host:
    bind = f"[{_settings.host}]:{_settings.port}"
else:
    bind = f"{_settings.host}:{_settings.port}"

# Each worker has up to pool_size connections to the database.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = f"aiohttp.Gunicorn{'UVLoop' if importlib.util.find_spec('uvloop') else ''}WebWorker"

# gunicorn kills a worker that gives no heartbeat for this time; a worker that waits for the database still gives it.
timeout = 30
graceful_timeout = math.ceil(_settings.shutdown_timeout) or 1
# Longer than a proxy keeps its side of the connection open, which is usually 60 seconds.
keepalive = 75

# The control socket is a file in the home directory, which a container may not have.
control_socket_disable = True

# gunicorn logs to stderr, including one line for each request with its id.
accesslog = "-" if _settings.access_log else None
access_log_format = 'answered "%r" status=%s duration=%Tf remote=%a request_id=%{X-Request-ID}o'


def post_fork(server: object, worker: object) -> None:
    """Give the log records of the service, audit lines included, their usual form."""
    configure(_settings.log_level, _settings.log_format, access_log=_settings.access_log)
    for name in ("gunicorn.access", "gunicorn.error"):
        logging.getLogger(name).addFilter(_harmless)


def _harmless(record: logging.LogRecord) -> bool:
    """Mask the tokens in a record, and drop the traceback of malformed HTTP, which any client can send at any rate."""
    record.msg, record.args = _mask.text(record.getMessage()), ()
    if record.exc_info is not None and isinstance(record.exc_info[1], HttpProcessingError):
        record.exc_info = None
    return True
