"""The Firefox of the distribution, which speaks WebDriver BiDi (https://w3c.github.io/webdriver-bidi/) by itself."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, cast

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

__all__ = ["Firefox", "launched", "program"]

_PATIENCE = 20.0
"""Seconds that something may take to appear on a busy machine."""

_PREFERENCES = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "remote.active-protocols": 1,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


def program() -> str | None:
    """Return the path of Firefox; None when it is not installed."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


@asynccontextmanager
async def launched(executable: str, profile: Path, *, is_dark: bool = False) -> AsyncGenerator[Firefox]:
    """Run Firefox with a new profile, and one tab in it."""
    profile.mkdir()
    preferences = {**_PREFERENCES, "ui.systemUsesDarkTheme": int(is_dark)}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
    (profile / "user.js").write_text("\n".join(lines))
    process = await asyncio.create_subprocess_exec(
        *(executable, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"),
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        env={**os.environ, "HOME": str(profile), "MOZ_DISABLE_AUTO_SAFE_MODE": "1"},
    )
    assert process.stderr is not None
    draining = None
    try:
        address = await asyncio.wait_for(_address(process.stderr), 60)
        draining = asyncio.create_task(process.stderr.read())
        async with ClientSession() as client, client.ws_connect(f"{address}/session", max_msg_size=0) as socket:
            firefox = Firefox(socket)
            async with firefox.session():
                yield firefox
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        if draining is not None:
            await draining


async def _address(errors: asyncio.StreamReader) -> str:
    """Return the address that Firefox announces."""
    async for line in errors:
        text = line.decode(errors="replace").strip()
        if text.startswith("WebDriver BiDi listening on "):
            return text.rpartition(" ")[2]
    raise RuntimeError("Firefox ended before it could be driven.")


class Firefox:
    """A tab: what a visitor does in it, and what no page may do."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers: Iterator[int] = count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tab = ""
        self.complaints: list[str] = []
        """Errors and warnings of the console; among them are violations of the content security policy."""

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[None]:
        """Hold a session while Firefox is driven."""
        listening = asyncio.create_task(self._listen())
        try:
            await self.send("session.new", capabilities={})
            await self.send("session.subscribe", events=["log.entryAdded"])
            tree = await self.send("browsingContext.getTree")
            self._tab = tree["contexts"][0]["context"]
            yield
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def open(self, address: str, *, width: int = 1280) -> None:
        """Open a page, so many CSS pixels wide."""
        viewport = {"width": width, "height": 800}
        await self.send("browsingContext.setViewport", context=self._tab, viewport=viewport)
        await self.send("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """Return the value of an expression, or what its promise resolves to, as JSON."""
        answer = await self.send(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))",
            target={"context": self._tab},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer
        return json.loads(cast("str", answer["result"]["value"]))

    async def until(self, expression: str) -> Any:
        """Wait until an expression is true in the page, and return its value."""
        async with asyncio.timeout(_PATIENCE):
            return await self.evaluate(
                "new Promise((resolve) => { const look = () => { "
                f"const value = ({expression}); if (value) resolve(value); else setTimeout(look, 50); }}; look(); }})"
            )

    async def find(self, role: str, name: str) -> dict[str, Any]:
        """Wait for the only element with a role and an accessible name."""
        locator = {"type": "accessibility", "value": {"role": role, "name": name}}
        end = asyncio.get_running_loop().time() + _PATIENCE
        while True:
            answer = await self.send("browsingContext.locateNodes", context=self._tab, locator=locator)
            nodes = answer["nodes"]
            if len(nodes) == 1:
                return {"type": "element", "element": {"sharedId": nodes[0]["sharedId"]}}
            assert asyncio.get_running_loop().time() < end, f"{len(nodes)} elements are a {role} named {name!r}"
            await asyncio.sleep(0.05)

    async def click(self, role: str, name: str) -> None:
        """Click in the middle of an element."""
        element = await self.find(role, name)
        await self.drag(element, element)

    async def drag(self, first: dict[str, Any], last: dict[str, Any]) -> None:
        """Press the mouse on an element, and release it on another."""
        node = {"sharedId": first["element"]["sharedId"]}
        await self.send(
            "script.callFunction",
            functionDeclaration="(node) => node.scrollIntoView({block: 'center', behavior: 'instant'})",
            arguments=[node],
            target={"context": self._tab},
            awaitPromise=False,
        )
        steps = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": first},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerMove", "x": 0, "y": 0, "origin": last, "duration": 100},
            {"type": "pointerUp", "button": 0},
        ]
        await self._act({"type": "pointer", "id": "mouse", "actions": steps})

    async def press(self, *keys: str) -> None:
        """Press keys one after the other; those that have no character are those of WebDriver."""
        steps = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        await self._act({"type": "key", "id": "keyboard", "actions": steps})

    async def _act(self, source: dict[str, Any]) -> None:
        await self.send("input.performActions", context=self._tab, actions=[source])

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command, and return its result."""
        number = next(self._numbers)
        coming = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(60):
            answer = await coming
        assert answer["type"] == "success", answer
        return cast("dict[str, Any]", answer["result"])

    async def _listen(self) -> None:
        async for message in self._socket:
            assert message.type is WSMsgType.TEXT
            told = message.json()
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            elif told["method"] == "log.entryAdded" and told["params"]["level"] in ("error", "warn"):
                self.complaints.append(str(told["params"]["text"]))
