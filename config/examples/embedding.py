"""An application with its own users and error pages, which serves the API under /airflow to its users.

    SHOP_SECRET=change-me python embedding.py

prints a token for each user. Use one of them:

    curl http://127.0.0.1:8080/airflow/api/v1/dags -H 'Authorization: Bearer <token>'
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

import dagrun_api
from dagrun_api import Rights

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SECRET = web.AppKey("secret", str)
USER = web.RequestKey("user", str)

RIGHTS = {
    "anna": Rights("anna", kind="user"),
    "emil": Rights("emil", dags=("amsterdam_*",), kind="user"),
    "rita": Rights("rita", may_write=False, kind="user"),
}
"""The rights of each user in Airflow; other users have none."""


def token_for(user: str, secret: str) -> str:
    """Return the token of a user; a real application may use sessions, JWTs, or a header of its proxy."""
    return f"{user}.{hmac.new(secret.encode(), user.encode(), 'sha256').hexdigest()}"


@web.middleware
async def signed_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse every request without a valid token, those to the API included."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    user = token.partition(".")[0]
    # A header may contain anything, but compare_digest accepts only ASCII strings.
    if not token.isascii() or not hmac.compare_digest(token, token_for(user, request.config_dict[SECRET])):
        raise web.HTTPUnauthorized
    request[USER] = user
    return await handler(request)


@web.middleware
async def error_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Show errors as HTML pages. The errors of the API stay as they are: they are responses, not exceptions."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return web.Response(status=error.status, text=f"<h1>{error.reason}</h1>", content_type="text/html")


async def rights_of(request: web.Request) -> Rights | None:
    """Return the rights of the user that `signed_in` found; the audit log shows their name."""
    return RIGHTS.get(request[USER])


async def home(request: web.Request) -> web.Response:
    """Greet the user."""
    return web.Response(text=f"Hello {request[USER]}")


def make_app(secret: str, database: str) -> web.Application:
    """Return the whole application."""
    app = web.Application(middlewares=[error_pages, signed_in])
    app[SECRET] = secret
    app.router.add_get("/", home)
    catalogue = Path(__file__).parent.parent / "dags.toml"  # only for a built-in database
    dagrun_api.setup(app, prefix="/airflow", database=database, dags=catalogue, authorize=rights_of)
    return app


if __name__ == "__main__":
    key = os.environ["SHOP_SECRET"]
    for name in (*RIGHTS, "guest"):
        print(token_for(name, key), flush=True)
    web.run_app(
        make_app(key, os.environ.get("SHOP_DATABASE", "sqlite:///shop.db")),
        host="127.0.0.1",
        port=int(os.environ.get("SHOP_PORT", "8080")),
    )
