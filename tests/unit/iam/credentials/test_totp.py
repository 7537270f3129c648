"""One-time passwords: RFC 6238's own values, and which codes around the present count."""

from __future__ import annotations

import base64

import pytest

from sagehen.services.iam.credentials.totp import code_at, find_pair, find_step

# RFC 6238, appendix B, SHA-1: the last six of its eight digits.
SEED = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_rfc_s_values(second: int, code: str) -> None:
    assert code_at(SEED, second // 30) == code


@pytest.mark.parametrize(
    ("step", "reach", "after", "found"),
    [
        (100, 1, -1, True),
        (99, 1, -1, True),
        (101, 1, -1, True),
        (98, 1, -1, False),
        (102, 1, -1, False),
        (100, 1, 99, True),
        (100, 1, 100, False),  # used already
        (99, 1, 100, False),
        (60, 40, -1, True),
    ],
)
def test_which_codes_count(step: int, reach: int, after: int, found: bool) -> None:
    assert find_step(SEED, code_at(SEED, step), 100, reach, after=after) == (step if found else None)


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [(99, 100, 100), (102, 103, 103), (103, 104, None), (100, 99, None), (100, 100, None), (98, 100, None)],
)
def test_two_codes_in_a_row(first: int, second: int, found: int | None) -> None:
    assert find_pair(SEED, code_at(SEED, first), code_at(SEED, second), 100, 3) == found
