"""Serialized DAGs without end."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from dagrun_api.model import SerializedDag
from tests.hostile.forms import ANY_PACE, compressed_forms, mutants, random_forms, read
from tests.hostile.rounds import rounds

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(0)]

forms = st.one_of(random_forms, mutants(), compressed_forms())


def test_each_is_read_or_refused(figures: Counter[str]) -> None:
    figures["raised anything else"] = 0
    for number in rounds(0.25):

        @seed(number)
        @settings(max_examples=500, deadline=10_000, database=None, suppress_health_check=ANY_PACE)
        @given(forms)
        def one_round(form: SerializedDag) -> None:
            figures["forms"] += 1
            figures["of them read"] += read(form)

        one_round()
