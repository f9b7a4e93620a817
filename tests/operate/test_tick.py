"""What runs each minute and may not eat the minute."""

from typing import Any

import pytest

from perennial.operate import tick
from tests.cast import NOW


@pytest.mark.parametrize(("takes", "minutes_kept"), [(0.9, list(range(10))), (3.0, [0, 3, 6, 9])])
def test_the_audience_of_very_many_is_kept_less_often(
    monkeypatch: pytest.MonkeyPatch, takes: float, minutes_kept: list[int]
) -> None:
    clock, kept = [0.0], []

    def keep(**_: Any) -> None:
        kept.append(round(clock[0] // 60))
        clock[0] += takes

    monkeypatch.setattr(tick, "keep_audience", keep)
    monkeypatch.setattr(tick.time, "monotonic", lambda: clock[0])
    audience = tick._SeldomWhenLong()
    for minute in range(10):
        clock[0] = 60.0 * minute
        audience.keep(now=NOW)
    assert kept == minutes_kept
