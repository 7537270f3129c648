"""One-time tokens and what becomes of them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from sagehen.console.sessions.errors import InvalidToken, NotAllowed
from sagehen.console.sessions.sessions import CREDENTIALS_LIFETIME_S, SESSION_LIFETIME_S, ConsoleSessions
from sagehen.console.sessions.tokens import TOKEN_LIFETIME_S, Wanted
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Credentials, Principal, PrincipalKind, SigningKey
from sagehen.domain.ids import Ids

ROOT = Wanted("123456789012", "eu-west-1")


class Time:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Keys:
    def __init__(self) -> None:
        self.living: dict[str, int] = {}
        self.made = 0
        self.denied: set[str] = set()

    def check(self, account_id: str, role: str) -> str:
        if role in self.denied:
            raise AccessDenied(f"not {role}")
        return f"arn:aws:iam::{account_id}:{role or 'root'}"

    async def open(self, account_id: str, role: str, duration_s: int) -> SigningKey:
        arn = self.check(account_id, role)
        self.made += 1
        key = f"ASIA{self.made}"
        self.living[key] = duration_s
        ends = datetime(2026, 1, 1, tzinfo=UTC)
        return SigningKey(
            Credentials(key, "secret", "token", ends), Principal(PrincipalKind.ROOT, arn, account_id)
        )

    async def close(self, access_key_id: str) -> None:
        self.living.pop(access_key_id, None)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def sessions(time: Time, keys: Keys) -> ConsoleSessions:
    return ConsoleSessions(keys, time, Ids(random.Random(7)))


async def test_a_token_is_good_once(sessions: ConsoleSessions, keys: Keys) -> None:
    token = sessions.token(Wanted(ROOT.account_id, ROOT.region, "reader"))
    opened = await sessions.open(token)
    assert (opened.key.principal.arn, opened.region) == ("arn:aws:iam::123456789012:reader", "eu-west-1")
    assert keys.living == {"ASIA1": CREDENTIALS_LIFETIME_S}
    for text in (token, "", "x" * 43, "\ud800", opened.renewal):
        with pytest.raises(InvalidToken):
            await sessions.open(text)
    assert len({token, opened.renewal, opened.key.credentials.secret_access_key}) == 3


async def test_tokens_age_and_give_way(sessions: ConsoleSessions, time: Time) -> None:
    old = sessions.token(ROOT)
    time.seconds += TOKEN_LIFETIME_S - 0.1
    await sessions.open(sessions.token(ROOT))
    late = sessions.token(ROOT)
    time.seconds += TOKEN_LIFETIME_S
    many = [sessions.token(ROOT) for _ in range(40)]
    for void in (old, late, many[0], many[7]):
        with pytest.raises(InvalidToken):
            await sessions.open(void)
    assert (await sessions.open(many[8])).renewal


async def test_renewed_while_a_tab_is_open(sessions: ConsoleSessions, time: Time, keys: Keys) -> None:
    opened = await sessions.open(sessions.token(ROOT))
    for _ in range(10):
        time.seconds += 600
        again = await sessions.renew(opened.renewal)
        assert again.renewal == opened.renewal and again.key != opened.key
    assert len(keys.living) == 4 and keys.made == 11  # what was renewed often leaves no pile
    time.seconds += CREDENTIALS_LIFETIME_S
    with pytest.raises(InvalidToken):
        await sessions.renew(opened.renewal)
    assert not keys.living
    with pytest.raises(InvalidToken):
        await sessions.renew(opened.renewal)


async def test_no_session_is_for_ever(sessions: ConsoleSessions, time: Time) -> None:
    opened = await sessions.open(sessions.token(ROOT))
    for _ in range(SESSION_LIFETIME_S // 600 - 1):
        time.seconds += 600
        await sessions.renew(opened.renewal)
    time.seconds += 600
    with pytest.raises(InvalidToken):
        await sessions.renew(opened.renewal)


async def test_ended(sessions: ConsoleSessions, keys: Keys) -> None:
    first, second = [await sessions.open(sessions.token(ROOT)) for _ in range(2)]
    waiting = sessions.token(ROOT)
    await sessions.end(first.renewal)
    assert set(keys.living) == {second.key.credentials.access_key_id}
    await sessions.end(first.renewal)
    await sessions.end_all()
    assert not keys.living
    for void in (sessions.renew(second.renewal), sessions.open(waiting)):
        with pytest.raises(InvalidToken):
            await void


async def test_so_many_at_once(sessions: ConsoleSessions, time: Time, keys: Keys) -> None:
    first = await sessions.open(sessions.token(ROOT))
    others = []
    for _ in range(64):
        time.seconds += 1
        others.append(await sessions.open(sessions.token(ROOT)))
    assert len(keys.living) == 64
    with pytest.raises(InvalidToken):
        await sessions.renew(first.renewal)
    await sessions.renew(others[0].renewal)


async def test_a_role_that_may_not_be(sessions: ConsoleSessions, keys: Keys) -> None:
    wanted = Wanted(ROOT.account_id, ROOT.region, "reader")
    opened, token = await sessions.open(sessions.token(wanted)), sessions.token(wanted)
    keys.denied.add("reader")
    with pytest.raises(NotAllowed, match="not reader"):
        sessions.token(wanted)
    for refused in (sessions.open(token), sessions.renew(opened.renewal)):
        with pytest.raises(NotAllowed):
            await refused


async def test_a_clock_that_runs_faster(time: Time, keys: Keys) -> None:
    hasty = ConsoleSessions(keys, time, Ids(random.Random(7)), time_scale=60)
    await hasty.open(hasty.token(ROOT))
    assert [*keys.living.values()] == [CREDENTIALS_LIFETIME_S * 60]
