"""Join tokens: once or for a time; nobody can join with what is kept of them."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sagehen.cluster.authority.tokens import MOST_TOKENS, BadToken, Token, Tokens

PIN = "0123456789abcdef" * 2
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def test_once_is_once_also_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    tokens = Tokens(path, PIN, lambda: NOW)
    token = Token.read(f"  {tokens.issue()}\n")
    assert token.pin == PIN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert token.secret not in path.read_text()
    (kept,) = json.loads(path.read_bytes())
    assert not tokens.admit(kept["digest"])
    assert str(Tokens(path, PIN, lambda: NOW).admit(token.secret)).startswith("node-")
    assert not Tokens(path, PIN, lambda: NOW).admit(token.secret)


def test_for_a_time_is_until_then(tmp_path: Path) -> None:
    now = [NOW]
    tokens = Tokens(tmp_path / "tokens.json", PIN, lambda: now[0])
    secret = Token.read(tokens.issue(timedelta(minutes=5), once=False)).secret
    assert tokens.admit(secret)
    assert tokens.admit(secret)
    now[0] += timedelta(minutes=5)
    assert not tokens.admit(secret)
    long = Token.read(tokens.issue(timedelta(days=999))).secret
    now[0] += timedelta(days=31)
    assert not tokens.admit(long)


def test_so_many_and_all_can_be_revoked(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.json", PIN, lambda: NOW)
    issued = [Token.read(tokens.issue(timedelta(hours=1 + n))).secret for n in range(MOST_TOKENS + 1)]
    assert not tokens.admit(issued[0])
    assert tokens.admit(issued[1])
    assert tokens.revoke_all() == MOST_TOKENS - 1
    assert not any(tokens.admit(secret) for secret in issued)


@pytest.mark.parametrize(
    "text", ["", "sgh1-", "sgh1-" + "a" * 32 + "-" + "0" * 31, "x" * 10000, "sgh1-ä-0", "sgh1-\0"]
)
def test_what_is_no_token(text: str) -> None:
    with pytest.raises(BadToken):
        Token.read(text)


def test_a_token_may_say_the_name(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    secret = Token.read(Tokens(path, PIN, lambda: NOW).issue(node="ray-a")).secret
    tokens = Tokens(path, PIN, lambda: NOW)
    assert tokens.admit(secret) == "ray-a" and tokens.admit(secret) is None
