"""Protection against DNS rebinding: which hosts a service without tokens answers to.

The owner of a site may let its name lead to the address of this service. The browser then takes the service for a part
of that site, whose pages may send it any request and read the answer. This always needs a name that someone else
controls, and the browser sends that name as the host. An IP address is no such name, and no one controls `localhost`.
The operator allows all other names. With tokens, which no other page knows, any host will do.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Sequence
from ipaddress import IPv4Address, IPv6Address
from time import monotonic

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from dagrun_api.errors import Forbidden
from dagrun_api.web.pace import Pace
from dagrun_api.web.runtime import REQUEST_ID, ROUTE

__all__ = ["Hosts", "RefusedHosts", "checking_host"]

_ANY = "*"

_ALWAYS = "localhost"
"""Not the names below it, such as a.localhost: some browsers ask the network for them."""

# A browser writes every address in its usual form, so no other form is an address here.
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")

_LONGEST_SHOWN = 100

logger = logging.getLogger(__name__)


class Hosts:
    """The hosts that are safe in any case, and the names that the option `allowed_hosts` adds."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._is_any = _ANY in allowed
        self._names = {_ALWAYS, *map(_name, allowed)}

    def refused(self, target: str, hosts: Sequence[str]) -> str | None:
        """Return a host that the request asks for and that must not be answered; None if there is none.

        `target` is the target of the request as it was sent, and `hosts` are the values of its headers `Host`, of which
        there must be one. If the target is a whole address, as in requests to a proxy, its host counts as well.
        """
        if self._is_any:
            return None
        if len(hosts) != 1:
            # Browsers always send one. HTTP/1.0 allows none.
            return ", ".join(hosts)
        whole = _ABSOLUTE.match(target)
        for each in (*hosts, *(whole.groups() if whole else ())):
            name = _name(each)
            if name is None or not (name in self._names or _is_address(name)):
                return name or each
        return None


class RefusedHosts:
    """The log of refused hosts: one line every few seconds, however many requests there are."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._pace = Pace(clock)

    def refused(self, host: str, request_id: str) -> None:
        """Note that a request for this host was refused."""
        if self._pace.admits():
            logger.warning(
                "Refused a request for the host %s, which is not in allowed_hosts%s",
                _shown(host),
                self._pace.more("were refused"),
                extra={"request_id": request_id},
            )


def checking_host(allowed: Collection[str]) -> Middleware:
    """Return a middleware that refuses requests for other hosts, except those to the probes.

    Within a host application it refuses nothing: which hosts that one answers to is its own affair.
    """
    hosts, log = Hosts(allowed), RefusedHosts()

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if len(request.match_info.apps) == 1 and _is_checked(request):
            refused = hosts.refused(request.raw_path, request.headers.getall("Host", ()))
            if refused is not None:
                log.refused(refused, request[REQUEST_ID])
                raise Forbidden(
                    f"Without a token, this service does not answer to the host {_shown(refused)}: use an IP address "
                    "or localhost, or add the name to the option allowed_hosts."
                )
        return await handler(request)

    return check


def _is_checked(request: web.Request) -> bool:
    route = request.get(ROUTE)
    return route is None or route.checks_host


def _name(host: str) -> str | None:
    """Return the host without its port, in the form in which hosts are compared; None if it is no host."""
    found = _HOST.fullmatch(host)
    return None if found is None else found[1].lower().removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        if name.startswith("["):
            IPv6Address(name[1:-1])
        else:
            IPv4Address(name)
    except ValueError:
        return False
    return True


def _shown(host: str) -> str:
    return repr(host[:_LONGEST_SHOWN])
