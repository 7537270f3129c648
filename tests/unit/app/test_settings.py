"""Accounts and keys as they come from the command line."""

from __future__ import annotations

import pytest

from sagehen.app.settings import DEFAULT_ACCOUNT_ID, SettingsError, parse_accounts
from sagehen.domain.identity import Credentials


def test_without_options_there_is_one_account_with_keys_of_its_own() -> None:
    (account,) = parse_accounts([], [])
    assert account.account_id == DEFAULT_ACCOUNT_ID and account.credentials is None


def test_keys_pair_with_accounts_by_place() -> None:
    accounts = parse_accounts(["111111111111", "222222222222"], ["AKIA1:one", "test:a:b"])
    assert accounts[0].credentials == Credentials("AKIA1", "one")
    assert accounts[1].credentials == Credentials("test", "a:b")


def test_keys_alone_belong_to_the_default_account() -> None:
    (account,) = parse_accounts([], ["test:test"])
    assert account.account_id == DEFAULT_ACCOUNT_ID and account.credentials == Credentials("test", "test")


@pytest.mark.parametrize(
    ("ids", "keys", "word"),
    [
        (["12"], [], "twelve digits"),
        (["111111111111", "111111111111"], [], "twice"),
        (["111111111111"], ["a:b", "c:d"], "more --credentials"),
        (["111111111111"], ["nocolon"], "KEY:SECRET"),
        (["111111111111"], ["we ird:x"], "letters and digits"),
    ],
)
def test_what_cannot_be_is_said(ids: list[str], keys: list[str], word: str) -> None:
    with pytest.raises(SettingsError, match=word):
        parse_accounts(ids, keys)
