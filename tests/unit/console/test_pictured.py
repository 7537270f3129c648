"""The pictures of `docs/console/` against the console's registry of screens: none is forgotten."""

from __future__ import annotations

import pytest
from PIL import Image

from tests.e2e.console.pictured import FOLDER, NOT_PICTURED, PICTURES
from tests.e2e.console.screens import registered
from tests.e2e.console.visits import pattern

MOST_BYTES = 60_000


@pytest.mark.parametrize("route", registered())
def test_every_screen_has_a_picture_or_a_reason(route: str) -> None:
    taken = [name for name, place in PICTURES.items() if pattern(route).fullmatch(place.partition("?")[0])]
    assert bool(taken) != (route in NOT_PICTURED), taken


def test_no_reason_and_no_picture_is_of_a_screen_that_is_not_there() -> None:
    routes = registered()
    assert set(NOT_PICTURED) <= set(routes)
    places = {name: place.partition("?")[0] for name, place in PICTURES.items()}
    known = [pattern(route) for route in routes]
    assert [name for name, place in places.items() if not any(one.fullmatch(place) for one in known)] == []


def test_the_folder_has_these_pictures_and_no_others() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_a_screen_in_few_bytes(name: str) -> None:
    file = FOLDER / f"{name}.png"
    assert file.stat().st_size < MOST_BYTES
    with Image.open(file) as picture:
        assert picture.size == (1280, 800)
