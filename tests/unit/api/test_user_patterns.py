"""Users' regular expressions: what they find, and that none of them holds up the platform."""

from __future__ import annotations

import time

import pytest

from sagehen.api.user_patterns import InvalidPattern, PatternTooSlow, UserPattern


def test_a_match_is_the_whole_and_its_groups() -> None:
    pattern = UserPattern(r"loss: ([0-9.]+)( final)?")
    assert pattern.groups == 2
    assert pattern.search("epoch 1 loss: 0.5") == ["loss: 0.5", "0.5", None]
    assert pattern.search("nothing") is None
    assert pattern.fullmatch("loss: 0.5 final") == ["loss: 0.5 final", "0.5", " final"]
    assert pattern.fullmatch("a loss: 0.5") is None


@pytest.mark.parametrize("text", ["(", "a{2}{3}", "*a", "(?:a{1000}){1000}", "((a{300}){300}){300}"])
def test_what_does_not_compile_or_would_take_too_much_is_refused_at_once(text: str) -> None:
    began = time.process_time()
    with pytest.raises(InvalidPattern):
        UserPattern(text)
    assert time.process_time() - began < 0.1


def test_a_catastrophic_search_is_given_up() -> None:
    slow = UserPattern(r"^(([a-z])+.)+[A-Z]([a-z])+$")
    began = time.process_time()
    with pytest.raises(PatternTooSlow):
        slow.search("a" * 4000)
    assert time.process_time() - began < 0.5


def test_endless_lines_are_looked_at_only_at_their_beginning() -> None:
    assert UserPattern("z").search("a" * 5000 + "z") is None
    assert UserPattern("a+").fullmatch("a" * 5000) is None
