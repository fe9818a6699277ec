"""The dashboard and the alerts use only what a real scrape has."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families as parsed

from tests.service.process import serving

CONFIG = Path(__file__).parents[2] / "config"
DASHBOARD: dict[str, Any] = json.loads((CONFIG / "grafana-dashboard.json").read_text("utf-8"))
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((CONFIG / "prometheus-alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]  # fmt: skip

SCRAPED_WITH = {"job", "instance"}
"""The labels that Prometheus itself adds to each series."""

DAGS = '[[dag]]\ndag_id = "hello"\nschedule = "@daily"\n'
BATCH = {"dag_id": "hello", "start_date": "2017-09-01", "end_date": "2017-09-01"}

Series = dict[str, set[str]]


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Series:
    """The labels of each series of a process that has created runs and refused requests, by its name."""
    folder = tmp_path_factory.mktemp("scraped")
    (folder / "dags.toml").write_text(DAGS)
    with serving(folder, "--database", f"sqlite:///{folder}/a.db", "--dags", f"{folder}/dags.toml") as process:
        for path, body in (("/api/v1/dag_runs", BATCH), ("/nowhere", None)):
            request = urllib.request.Request(process.address + path, json.dumps(body).encode() if body else None)  # noqa: S310
            with suppress(urllib.error.HTTPError):
                urllib.request.urlopen(request, timeout=20).close()  # noqa: S310
        with urllib.request.urlopen(f"{process.address}/metrics", timeout=20) as response:  # noqa: S310
            text = response.read().decode()
    found: Series = {}
    for family in parsed(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def expressions() -> dict[str, str]:
    """Each PromQL expression, by where it stands."""
    asked = {f"{panel['title']} {each['refId']}": each["expr"] for panel in PANELS for each in panel["targets"]}
    return asked | {rule["alert"]: rule["expr"] for rule in RULES}


def parts(expr: promql_parser.Expr) -> Iterator[promql_parser.Expr]:
    """An expression and all that it is made of."""
    yield expr
    below: list[object] = [getattr(expr, name, None) for name in ("expr", "lhs", "rhs", "vector_selector", "param")]
    for each in (*below, *getattr(expr, "args", ())):
        if isinstance(each, promql_parser.Expr):
            yield from parts(each)


@pytest.mark.parametrize("place", expressions())
def test_each_metric_and_label_that_it_uses_is_in_a_real_scrape(place: str, series: Series) -> None:
    text = expressions()[place].replace("$__rate_interval", "5m")
    nodes = list(parts(promql_parser.parse(text)))
    known: set[str] = set(SCRAPED_WITH)
    for node in nodes:
        if isinstance(node, promql_parser.VectorSelector):
            assert node.name in series, f"{node.name} is not told"
            labels = series[node.name] | SCRAPED_WITH
            assert {each.name for each in node.matchers.matchers} <= labels
            known |= labels
    assert any(isinstance(node, promql_parser.VectorSelector) for node in nodes)
    for node in nodes:
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None:
            assert set(node.modifier.labels) <= known


def test_each_counter_is_shown_as_a_rate() -> None:
    for place, text in expressions().items():
        for node in parts(promql_parser.parse(text.replace("$__rate_interval", "5m"))):
            if isinstance(node, promql_parser.Call) and node.func.name in ("rate", "increase"):
                (selected,) = node.args
                assert isinstance(selected, promql_parser.MatrixSelector)
                assert re.search("_(total|bucket)$", str(selected.vector_selector.name)), place


def test_a_legend_names_only_labels_that_exist(series: Series) -> None:
    known = SCRAPED_WITH.union(*series.values())
    for panel in PANELS:
        for each in panel["targets"]:
            assert set(re.findall(r"{{(\w+)}}", each["legendFormat"])) <= known, panel["title"]


def test_every_metric_that_shows_trouble_has_a_panel(series: Series) -> None:
    text = json.dumps(DASHBOARD)
    ours = {name for name in series if name.startswith("dagrun_api_") and not re.search("_(count|sum)$", name)}
    assert not {name for name in ours if name not in text}


def test_panels_have_unique_ids_and_do_not_overlap() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS) > 10
    taken: dict[tuple[int, int], str] = {}
    for panel in PANELS:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]


def test_it_can_be_imported_into_any_grafana() -> None:
    (source,) = DASHBOARD["__inputs"]
    assert (source["name"], source["pluginId"]) == ("DS_PROMETHEUS", "prometheus")
    assert (DASHBOARD["id"], DASHBOARD["schemaVersion"]) == (None, 38)
    wanted = {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
    users = [*PANELS, *(each for panel in PANELS for each in panel["targets"]), *DASHBOARD["templating"]["list"]]
    assert all(user["datasource"] == wanted for user in users)
    required = {each["id"] for each in DASHBOARD["__requires"] if each["type"] == "panel"}
    assert required == {panel["type"] for panel in PANELS}


def test_each_alert_says_what_is_wrong_and_where_to_look() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert all(rule["annotations"][key].endswith(".") for key in ("summary", "description"))
