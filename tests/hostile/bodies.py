"""Bodies that nobody sends who means well."""

from __future__ import annotations

import gzip
import json
import zlib
from itertools import product

__all__ = ["BODIES", "CODED"]

_LETTERS = [number for number in range(33, 127) if number not in b'"\\\\']
_PAIRS = list(product(_LETTERS, repeat=2))[:9_000]
"""As many names of keys as fit into 64 KiB."""

_SOUND = b'{"dag_id": "hello", "dry_run": true, "conf": {"x": %s}}'

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "a form": b"dag_id=hello&prefix=x",
    "60,000 opened lists": b"[" * 60_000,
    "10,000 opened objects": b'{"a":' * 10_000,
    "a conf too deep": _SOUND % (b"[" * 100 + b"]" * 100),
    "a conf in a string too deep": b'{"dag_id": "hello", "conf": "' + b"[" * 60_000 + b'"}',
    "an integer of 4,300 digits": _SOUND % (b"9" * 4_300),
    "an integer of 60,000 digits": _SOUND % (b"9" * 60_000),
    "a float of 60,000 digits": _SOUND % (b"0." + b"9" * 60_000 + b"e999999"),
    "NaN": _SOUND % b"NaN",
    "Infinity": _SOUND % b"-Infinity",
    "1e400": _SOUND % b"1e400",
    "half of a surrogate pair": _SOUND % rb'"\ud800"',
    "a surrogate pair the wrong way round": _SOUND % rb'"\udc00\ud800"',
    "NUL": _SOUND % rb'"\u0000"',
    "a key twice": b'{"dag_id": "hello", "dag_id": "hello"}',
    "a key twice in conf": _SOUND % b'{"a": 1, "a": 2}',
    "9,000 keys": b"{" + b",".join(b'"%s":1' % bytes(pair) for pair in _PAIRS) + b"}",
    "6,000 keys of one name": b"{" + b",".join([b'"a":1'] * 6_000) + b"}",
    "a byte order mark": b"\xef\xbb\xbf" + _SOUND % b"1",
    "UTF-16": (_SOUND % b"1").decode().encode("utf-16"),
    "UTF-32": (_SOUND % b"1").decode().encode("utf-32"),
    "Latin-1": _SOUND % b'"\xe9"',
    "overlong UTF-8": _SOUND % b'"\xc0\x80"',
    "surrogates in UTF-8": _SOUND % b'"\xed\xa0\x80"',
    "a list": b"[{}]",
    "a string": b'"dag_id"',
    "null": b"null",
    "a number": b"1",
    "two objects": b'{"dag_id": "hello"}{"dag_id": "hello"}',
    "an object and a comment": b'{"dag_id": "hello"} // {}',
    "500 wishes of nothing": b'{"dag_id": "hello", "runs": [' + b",".join([b"{}"] * 500) + b"]}",
    "20,000 wishes": b'{"dag_id": "hello", "runs": [' + b",".join([b"{}"] * 20_000) + b"]}",
    "a long name": json.dumps({"dag_id": "\U0001f480" * 5_000}).encode(),
    "a long key": json.dumps({"\U0001f480" * 5_000: 1}).encode(),
    "a backslash": b'{"dag_id": "\\"}',
    "control characters": b'{"dag_id": "\x01\x1b[2J"}',
    "blanks": b" " * 60_000,
    "pickled": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94.",
    "YAML": b"dag_id: !!python/object/apply:os.system [id]",
    "XML": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
}
"""Each is to be answered with a 400."""

_BOMB = b" " * 20_000_000

CODED: dict[str, tuple[str, bytes]] = {
    "gzip": ("gzip", gzip.compress(_SOUND % b"1")),
    "deflate": ("deflate", zlib.compress(_SOUND % b"1")),
    "a bomb": ("gzip", gzip.compress(_BOMB)),
    "a bomb in a bomb": ("gzip, gzip", gzip.compress(gzip.compress(_BOMB))),
    "gzip that is none": ("gzip", _SOUND % b"1"),
    "half of gzip": ("gzip", gzip.compress(_SOUND % b"1")[:20]),
    "br": ("br", b"\x0b\x02\x80{}\x03"),
    "zstd": ("zstd", b"\x28\xb5\x2f\xfd{}"),
    "something else": ("rot13", _SOUND % b"1"),
    "blanks": ("  , ", _SOUND % b"1"),
}
"""A Content-Encoding and a body; each is to be answered with a 400 that says so."""
