"""What the terminal hears of sandboxes after `sagehen up --detach`."""

from __future__ import annotations

from typing import cast

import pytest

from sagehen.app.sandboxes import describe
from sagehen.cli.running import RunningPlatform
from sagehen.cli.up import detached
from sagehen.cli.up.detached import sandbox_warning


class Answers:
    def __init__(self, *levels: str | OSError) -> None:
        self.levels = list(levels)

    def health(self) -> dict[str, str]:
        level = self.levels.pop(0)
        if isinstance(level, OSError):
            raise level
        return {"sandbox": level}


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (("namespaces by bubblewrap 0.8.0, limits by rlimits",), ""),
        (("being probed", "UNAVAILABLE, so jobs will fail"), "sandboxes:  UNAVAILABLE, so jobs will fail"),
        ((TimeoutError("timed out"), "OFF"), "sandboxes:  OFF"),
        ((describe("off"),), f"sandboxes:  {describe('off')}"),
    ],
)
def test_lacking_sandboxes_are_told(
    levels: tuple[str | OSError, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detached, "_PROBE_TIMEOUT_S", 60)
    answers = Answers(*levels)
    assert sandbox_warning(cast(RunningPlatform, answers)) == said
    assert answers.levels == []
