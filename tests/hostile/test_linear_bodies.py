"""The time that a body takes on the event loop grows with its size, whatever it holds."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from contextlib import suppress
from time import process_time
from typing import cast

import pytest

from dagrun_api.airflow.conf import encode
from dagrun_api.airflow.layout import Generation, Layout
from dagrun_api.errors import InvalidRequest
from dagrun_api.web import strict_json
from dagrun_api.web.schemas.requests.creation import CREATION

SMALL, LARGE = 64_000, 1_024_000
"""Bytes: about the largest body by default, and one of 16 times its size."""


def keys(size: int) -> bytes:
    """Return members of an object, whose names are all different."""
    return b",".join(b'"%07d":1' % number for number in range(size // 12))


SHAPES: dict[str, Callable[[int], bytes]] = {
    "the last key twice": lambda size: b"{" + keys(size) + b',"last":1,"last":2}',
    "every key twice": lambda size: b"{" + keys(size // 2) + b"," + keys(size // 2) + b"}",
    "many unknown keys": lambda size: b"{" + keys(size) + b"}",
    "many keys in conf": lambda size: b'{"dag_id":"x","conf":{' + keys(size) + b"}}",
    "the last key of conf twice": lambda size: b'{"dag_id":"x","conf":{' + keys(size) + b',"last":1,"last":2}}',
    "many keys in a run": lambda size: b'{"dag_id":"x","runs":[{' + keys(size) + b"}]}",
    "many small objects": lambda size: b'{"dag_id":"x","runs":[' + b",".join([b'{"a":1}'] * (size // 8)) + b"]}",
    "many empty lists": lambda size: b'{"a":[' + b",".join([b"[]"] * (size // 3)) + b"]}",
    "many line breaks": lambda size: b"\n" * size + b"x",
    "a long date": lambda size: b'{"dag_id":"x","start_date":"2017-01-01T00:00:00.' + b"0" * size + b'"}',
    "a long number": lambda size: b'{"dag_id":"x","limit":"' + b"0" * size + b'x"}',
    "a long prefix": lambda size: b'{"dag_id":"x","prefix":"' + b"_1234567" * (size // 8) + b'"}',
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_time_to_read_a_body_grows_with_its_size(shape: str) -> None:
    small, large = (min(reading(SHAPES[shape](size)) for _ in range(3)) for size in (SMALL, LARGE))
    # Work that grows with the square of the size takes 256 times as long.
    assert large <= 64 * max(small, 0.001)


CONFS: dict[str, Mapping[str, object]] = {
    "keys": {str(number): 1 for number in range(4000)},
    "integers": {"a": [1] * 18_000},
    "fractions": {"a": [0.1] * 9_000},
    "objects": {"a": [{}] * 12_000},
}
"""About the largest that a body can hold besides a list of 500 runs."""


@pytest.mark.parametrize("kind", CONFS)
def test_a_conf_is_written_much_faster_than_it_is_read(kind: str) -> None:
    conf = CONFS[kind]
    layout = Layout(Generation.STANDALONE, {})
    text = encode(conf, layout)
    read = min(seconds(lambda: strict_json.loads(text, "conf")) for _ in range(5))
    # It is read once, and written for each of the runs in the list that has a conf as well.
    assert min(seconds(lambda: encode(conf, layout)) for _ in range(5)) < read / 5


def reading(body: bytes) -> float:
    """Return the seconds of this process that it takes to read a body."""

    def read() -> None:
        with suppress(InvalidRequest):
            CREATION.read(cast("dict[str, object]", strict_json.loads(body, "The body")))

    return seconds(read)


def seconds(work: Callable[[], object]) -> float:
    # The collector looks at everything else in this process as well.
    gc.disable()
    begun = process_time()
    work()
    taken = process_time() - begun
    gc.enable()
    return taken
