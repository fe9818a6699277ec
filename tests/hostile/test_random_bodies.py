"""Bodies without end, to the whole application."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from dagrun_api import Settings, create_app
from tests.databases.worlds import MemoryWorld
from tests.hostile.bodies import BODIES
from tests.hostile.conftest import AiohttpClient
from tests.hostile.forms import ANY_PACE
from tests.hostile.rounds import rounds
from tests.http.conftest import answer

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(0)]

KEYS = "dag_id prefix start_date end_date limit partial conf dry_run runs execution_date".split()
WORDS = ["a", "etl_", "2017-09-01", "2017-09-03T12:00:00Z", "true", "500", "{}", "NaN", "\0", "\ud800", "9" * 30]

_plain: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=30),
    st.sampled_from(WORDS),
    st.dates().map(str),
    st.datetimes().map(str),
)
_values: st.SearchStrategy[Any] = st.recursive(
    _plain,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)),
    max_leaves=10,
)
_some_sound: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {}, optional={"dag_id": st.just("a"), "start_date": st.just("2017-09-01"), "end_date": st.just("2017-09-03")}
)
_some_odd: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.one_of(st.sampled_from(KEYS), st.text(max_size=5)), _values, max_size=5
)
_objects: st.SearchStrategy[Any] = st.tuples(_some_sound, _some_odd).map(lambda both: {**both[0], **both[1]})
_texts = st.one_of(_values, _some_sound, _objects).map(json.dumps)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """JSON of any kind, a body that is known to be nasty, or bytes; cut, or with other bytes in it."""
    body = bytearray(
        draw(st.one_of(_texts.map(str.encode), st.sampled_from(list(BODIES.values())), st.binary(max_size=300)))
    )
    if body and draw(st.booleans()):
        chance = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311
        for _ in range(chance.randrange(4)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        del body[chance.choice([len(body), chance.randrange(len(body))]) :]
    return bytes(body)


def drawn(number: int) -> list[bytes]:
    """Some bodies, in a thread of their own: Hypothesis knows nothing of a loop that runs."""
    found: list[bytes] = []

    @seed(number)
    @settings(max_examples=300, deadline=None, database=None, suppress_health_check=ANY_PACE)
    @given(bodies())
    def draw(body: bytes) -> None:
        found.append(body)

    draw()
    return found


async def test_each_is_answered_in_the_envelope(figures: Counter[str], aiohttp_client: AiohttpClient) -> None:
    world = MemoryWorld()
    await world.add_dag("a")
    api = await aiohttp_client(create_app(Settings(), store=world.store))
    figures["5xx"] = 0
    for number in rounds(0.2):
        for body in await asyncio.to_thread(drawn, number):
            response = await api.post("/api/v1/dag_runs", data=body)
            await answer(response)
            figures["bodies"] += 1
            figures["of them accepted"] += response.status == 200
            assert response.status in (200, 400, 413), body
        world.store.stored_runs.clear()
