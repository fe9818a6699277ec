"""Settings of gunicorn, for who runs all his services with it.

    pip install '.[uvloop]' gunicorn
    gunicorn --config config/gunicorn.conf.py 'dagrun_api:create_app()'

The options of the service are read from the environment (and from the file that DAGRUN_API_CONFIG names), those that
gunicorn needs as well. What `dagrun-api serve` has besides, gunicorn has not: it stops to listen at once, so that
/readyz never says that it will (drain_delay); malformed HTTP is answered by aiohttp, outside of the envelope; a client
may take as long as he likes to send a first request; a body that is still on its way when it has to end is not waited
for; and a second signal does not end it at once.
"""

from __future__ import annotations

import importlib.util
import math
import os

from dagrun_api.logs import configure
from dagrun_api.settings import Settings

_settings = Settings.load({}, os.environ)

if _settings.unix_socket is not None:
    bind = f"unix:{_settings.unix_socket}"
elif ":" in _settings.host:
    bind = f"[{_settings.host}]:{_settings.port}"
else:
    bind = f"{_settings.host}:{_settings.port}"

# Each has its own connections to the database: pool_size of them.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = f"aiohttp.Gunicorn{'UVLoop' if importlib.util.find_spec('uvloop') else ''}WebWorker"

# A worker that says nothing for so many seconds is killed; one that waits for the database goes on saying so.
timeout = 30
graceful_timeout = math.ceil(_settings.shutdown_timeout) or 1
# Longer than a proxy (usually 60) keeps its own side open.
keepalive = 75

# No command of its own may steer it: it would make a file in the home directory, which a container may not have.
control_socket_disable = True

# gunicorn's own messages go to stderr, and so do the lines below: one for each request, with its id.
accesslog = "-" if _settings.access_log else None
access_log_format = 'answered "%r" status=%s duration=%Tf remote=%a request_id=%{X-Request-ID}o'


def post_fork(server: object, worker: object) -> None:
    """What the service itself logs looks as it always does, and so do its audit lines."""
    configure(_settings.log_level, _settings.log_format, access_log=_settings.access_log)
