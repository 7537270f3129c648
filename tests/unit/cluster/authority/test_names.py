"""For which names the authority speaks."""

from __future__ import annotations

import pytest

from sagehen.cluster.authority.names import MOST_NAMES, BadName, beyond_private, checked


def test_names_are_lower_case_and_there_once() -> None:
    assert checked(["Box.LAN", "box.lan.", "10.0.0.5", "FE80::1%eth0", "::1"]) == (
        "box.lan", "10.0.0.5", "fe80::1", "::1",
    )  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b",
        "-a",
        "a-.b",
        "a..b",
        "*",
        "*.lan",
        "a" * 64,
        "a." * 127 + "ab",
        "x\0y",
        "ä.lan",
        "a,DNS:b",
        "a/b",
    ],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(BadName):
        checked([name])


def test_so_many_names_and_no_more() -> None:
    names = [f"h{number}.lan" for number in range(MOST_NAMES + 1)]
    assert len(checked(names[1:])) == MOST_NAMES
    with pytest.raises(BadName):
        checked(names)


def test_private_names_need_no_word_in_the_authority() -> None:
    assert beyond_private(["10.0.0.5", "box.lan", "localhost", "fd00::7", "169.254.1.1"]) == ()
    assert beyond_private(["box", "ml.example.org", "203.0.113.9", "notlan", "xlan"]) == (
        "203.0.113.9", "box", "ml.example.org", "notlan", "xlan",
    )  # fmt: skip
