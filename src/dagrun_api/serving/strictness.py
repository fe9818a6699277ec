"""What is refused as bad HTTP although aiohttp's parser accepts it, and what the client is told."""

from __future__ import annotations

from aiohttp import HttpVersion10, HttpVersion11, web
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.web_protocol import ERROR

__all__ = ["mistake_in", "sentence"]

_MALFORMED = (
    "This is not well-formed HTTP, or a line of it is longer than 8190 bytes: "
    "send a valid request line and valid headers."
)
_UNKNOWN_CODING = (
    "The body has a transfer coding besides the chunks: send it with Transfer-Encoding: chunked alone, or with a "
    "Content-Length."
)


class UnknownTransferCoding(BadHttpMessage):
    """The body is compressed or otherwise coded below its chunks, or has no chunks."""


def mistake_in(request: web.BaseRequest) -> BadHttpMessage | None:
    """Return what is wrong with a request; aiohttp's parser accepts more than is safe."""
    if not _is_valid(request):
        return BadHttpMessage("refused")
    # The parser removes the chunks and leaves the body in any coding below them.
    codings = request.headers.getall("Transfer-Encoding", [])
    if codings and [each.strip().lower() for each in codings] != ["chunked"]:
        return UnknownTransferCoding("refused")
    return None


def _is_valid(request: web.BaseRequest) -> bool:
    """Return whether a request is valid HTTP, whatever its body is."""
    if request.method == ERROR.method:
        return False
    # On an unknown path, aiohttp quotes the header in its answer, and bytes that are no text break the answer.
    if not request.headers.get("Expect", "").isascii():
        return False
    if request.version == HttpVersion10:
        # A proxy without support for chunks takes them for the next request (RFC 9112, 6.1).
        return "Transfer-Encoding" not in request.headers and request.raw_path.isascii()
    # The parser in Python, which replaces the one in C, leaves other bytes in the path as surrogates.
    return request.version == HttpVersion11 and request.raw_path.isascii()


def sentence(mistake: BaseException | None) -> str:
    """Return what a client that made this mistake is told."""
    return _UNKNOWN_CODING if isinstance(mistake, UnknownTransferCoding) else _MALFORMED
