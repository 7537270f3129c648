"""Manifests piece by piece: what JSON's own parser takes is taken, and nothing else."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.services.sagemaker.transfers import manifests
from sagehen.services.sagemaker.transfers.manifests import Manifest

_PREFIX = {"prefix": "s3://data/"}


def read(content: bytes) -> list[str]:
    with Manifest(BytesIO(content)) as manifest:
        assert manifest.prefix == "s3://data/"
        names = []
        while some := manifest.names():
            names += some
        return names


@settings(max_examples=40)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12)), st.booleans(), st.booleans())
def test_names_come_back_as_they_were_written(names: list[str], indented: bool, ascii_only: bool) -> None:
    text = json.dumps([_PREFIX, *names], indent=2 if indented else None, ensure_ascii=ascii_only)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(manifests, "_PIECE_BYTES", 128)
        assert read(text.encode()) == names


@pytest.mark.parametrize(
    "content",
    [
        "", "[", "{}", "[]", '["a"]', '[{"prefix": "s3://data/"}', '[{"prefix": "s3://data/"},]',
        '[{"prefix": "s3://data/"}, "a",]', '[{"prefix": "s3://data/"}, "a"] 1',
        '[{"prefix": "s3://data/"} "a"]', '[{"prefix": "s3://data/"}, "a" "b"]',
        '[{"prefix": "s3://data/"}, ["a"]]', '[{"prefix": "s3://data/"}, "a',
        '[{"prefix": "s3://data/"}, "\\x"]', '[{"prefix": "s3://data/"}, "a\n"]',
        '[{"prefix": "s3://data/",}, "a"]', '[{"prefix": "s3://data/"}, "a", 1, "b"]',
        '[{"prefix": {"prefix": "s3://data/"}}]',
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_refused(content: str) -> None:
    with pytest.raises(ValueError):
        read(content.encode())


def test_of_a_large_one_a_piece_is_parsed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    parse = manifests.read_json
    monkeypatch.setattr(manifests, "read_json", lambda text: parsed.append(len(text)) or parse(text))
    names = [f"images/{number:07d}.jpg" for number in range(20_000)]
    assert read(json.dumps([_PREFIX, *names]).encode()) == names
    assert len(parsed) > 5 and max(parsed) < 70_000
