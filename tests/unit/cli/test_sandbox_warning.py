"""What the terminal hears of sandboxes after `sagehen up --detach`."""

from __future__ import annotations

from typing import cast

import pytest

from sagehen.app.sandboxes import describe
from sagehen.cli.running import RunningPlatform
from sagehen.cli.up.detached import sandbox_warning


class Answers:
    def __init__(self, *levels: str) -> None:
        self.levels = list(levels)

    def health(self) -> dict[str, str]:
        return {"sandbox": self.levels.pop(0)}


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (("namespaces by bubblewrap 0.8.0, limits by rlimits",), ""),
        (("being probed", "UNAVAILABLE, so jobs will fail"), "sandboxes:  UNAVAILABLE, so jobs will fail"),
        ((describe("off"),), f"sandboxes:  {describe('off')}"),
    ],
)
def test_lacking_sandboxes_are_told(levels: tuple[str, ...], said: str) -> None:
    answers = Answers(*levels)
    assert sandbox_warning(cast(RunningPlatform, answers)) == said
    assert answers.levels == []
