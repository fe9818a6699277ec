"""Random cron expressions, zones and windows, with a liking for what goes wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from dagrun_api.timetables.zone import find_zone

ZONES = (
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/Havana",
    "Pacific/Chatham",
    "America/St_Johns",
    "Antarctica/Troll",
    "Europe/Dublin",
    "Asia/Kathmandu",
    "UTC",
)
DAYS = ("*", "*", "*", "?", "L", "L,15", "28-L", "15W", "w1", "31W", "1,10,31", "*/2", "30", "29-31", "1-31", "*,5")
MONTHS = ("*", "*", "*", "*", "2", "mar", "nov-feb/2", "10-4", "*/5")
WEEKDAYS = ("*", "*", "*", "?", "1", "0", "7", "fri-mon", "5-7", "0-6", "1#2", "MON#5", "L5", "mon-fri#1", "*/1")
HOURS = ("*", "*", "*", "0-23", "*/1", "*/2", "0-22", "1", "2", "0,1,2,3", "22-3", "1-3")
STEPS = (1, 60, 900, 1_800, 3_600, 86_400)


def expression(random: Random) -> str:
    """A cron expression, valid or (seldom) one without a tick."""
    fields = [_field(random, 59), random.choice((*HOURS, _field(random, 23))), random.choice(DAYS)]
    fields += [random.choice(MONTHS), random.choice(WEEKDAYS)]
    if random.random() < 0.1:
        fields.append(_field(random, 59))
        if random.random() < 0.3:
            fields.append(random.choice(("*", "2020-2030", "2024", "*/2")))
    return " ".join(fields)


def _field(random: Random, highest: int) -> str:
    low, high = random.randint(0, highest), random.randint(0, highest)
    return random.choice(
        (str(low), f"{low},{high}", f"*/{random.choice((2, 7, 8, 15, 20, 30, 42))}", f"{low}-{high}", f"{low}/17", "*")
    )


def window(random: Random, zone: str | int) -> tuple[datetime, datetime]:
    """A window, three times out of four over a change of the zone's clock."""
    at = int(random.uniform(0, 2.2e9))
    change = find_zone(zone).span(at).end
    if change < 4e9 and random.random() < 0.75:
        at = change - int(random.expovariate(1 / 100_000))
    at -= at % random.choice(STEPS)
    length = random.choice((6, 24, 72, 240, 1_000, 10_000))
    start = datetime.fromtimestamp(at, UTC)
    if random.random() < 0.05:
        start += timedelta(microseconds=500_000)
    return start, start + timedelta(hours=random.uniform(0, length))
