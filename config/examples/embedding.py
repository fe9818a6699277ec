"""An application with users and error pages of its own, and the API below /airflow, behind its door.

    SHOP_SECRET=change-me python embedding.py

prints a pass for each user. With one of them:

    curl http://127.0.0.1:8080/airflow/api/v1/dags -H 'Authorization: Bearer <pass>'
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
"""What a user may do with Airflow; one who is not among them may do nothing."""


def pass_for(user: str, secret: str) -> str:
    """Return what this user has to send; yours may come from a session, a JWT, or the proxy before you."""
    return f"{user}.{hmac.new(secret.encode(), user.encode(), 'sha256').hexdigest()}"


@web.middleware
async def signed_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in only who has a pass, wherever he goes: also to the API."""
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    user = shown.partition(".")[0]
    # A header may hold anything; what is not ASCII is no pass, and would be an error in what follows.
    if not shown.isascii() or not hmac.compare_digest(shown, pass_for(user, request.config_dict[SECRET])):
        raise web.HTTPUnauthorized
    request[USER] = user
    return await handler(request)


@web.middleware
async def error_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Show errors as pages; those of the API stay as its clients know them, since they come as plain answers."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return web.Response(status=error.status, text=f"<h1>{error.reason}</h1>", content_type="text/html")


async def rights_of(request: web.Request) -> Rights | None:
    """Say what the user whom `signed_in` has found may do; his name stands in the log beside what he did."""
    return RIGHTS.get(request[USER])


async def home(request: web.Request) -> web.Response:
    """Greet."""
    return web.Response(text=f"Hello {request[USER]}")


def make_app(secret: str, database: str) -> web.Application:
    """Return the whole application."""
    app = web.Application(middlewares=[error_pages, signed_in])
    app[SECRET] = secret
    app.router.add_get("/", home)
    catalogue = Path(__file__).parent.parent / "dags.toml"  # only without an Airflow
    dagrun_api.setup(app, prefix="/airflow", database=database, dags=catalogue, authorize=rights_of)
    return app


if __name__ == "__main__":
    key = os.environ["SHOP_SECRET"]
    for name in (*RIGHTS, "guest"):
        print(pass_for(name, key), flush=True)
    web.run_app(
        make_app(key, os.environ.get("SHOP_DATABASE", "sqlite:///shop.db")),
        host="127.0.0.1",
        port=int(os.environ.get("SHOP_PORT", "8080")),
    )
