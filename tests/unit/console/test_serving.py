"""The application's files as a browser gets them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sagehen.api.streams import FileSlice
from sagehen.console.built import Build
from sagehen.console.serving import Serving, accepted_codings
from sagehen.protocol.http import HttpResponse

FILES = {
    "index.html": b"<!doctype html><script type=module src=/console/assets/index-a1.js></script>",
    "index.html.br": b"br of index",
    "assets/index-a1.js": b"console.log(1)" * 9,
    "assets/index-a1.js.br": b"br",
    "assets/index-a1.js.gz": b"gzip",
    "assets/logo-b2.svg": b"<svg/>",
    "favicon.svg": b"<svg />",
    "sources.txt": b"hash",
    "secret.unknown": b"no type, no answer",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / name).write_bytes(content)
    (tmp_path / "outside.js").write_text("outside")
    (tmp_path / "files/assets/link.js").symlink_to(tmp_path / "outside.js")
    return tmp_path / "files"


def content_of(answer: HttpResponse) -> bytes:
    if isinstance(answer.body, FileSlice):
        assert answer.body.length == answer.body.path.stat().st_size
        return answer.body.path.read_bytes()
    assert isinstance(answer.body, bytes)
    return answer.body


@pytest.mark.parametrize(
    ("path", "accepted", "content", "encoding", "kept"),
    [
        ("", "", "index.html", None, False),
        ("", "gzip, br", "index.html.br", "br", False),
        ("assets/index-a1.js", "gzip, deflate, br, zstd", "assets/index-a1.js.br", "br", True),
        ("assets/index-a1.js", "gzip", "assets/index-a1.js.gz", "gzip", True),
        ("assets/index-a1.js", "gzip;q=0, br;q=0.0", "assets/index-a1.js", None, True),
        ("assets/logo-b2.svg", "br", "assets/logo-b2.svg", None, True),
        ("favicon.svg", "br", "favicon.svg", None, False),
        # Addresses of the application's own pages, whatever stands in them.
        ("s3/buckets/my.bucket/objects/a.jpg", "", "index.html", None, False),
        ("secret.unknown", "", "index.html", None, False),
        ("../outside.js", "", "index.html", None, False),
        ("%2e%2e/outside.js", "", "index.html", None, False),
        ("//etc/passwd", "", "index.html", None, False),
        ("x" * 9000 + "\x00", "", "index.html", None, False),
    ],
)
async def test_what_is_sent(
    folder: Path, path: str, accepted: str, content: str, encoding: str | None, kept: bool
) -> None:
    answer = await Serving(Build(folder)).answer(f"/console/{path}", {"accept-encoding": accepted})
    assert (answer.status, content_of(answer)) == (200, FILES[content])
    assert answer.headers.get("Content-Encoding") == encoding
    assert ("immutable" in answer.headers["Cache-Control"]) is kept
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "frame-ancestors 'none'" in policy and "eval" not in policy


@pytest.mark.parametrize("name", ["assets/gone-c3.js", "assets/link.js", "assets/../../outside.js"])
async def test_what_is_not_there_is_no_page(folder: Path, name: str) -> None:
    answer = await Serving(Build(folder)).answer(f"/console/{name}", {})
    assert (answer.status, answer.body) == (404, b"")


async def test_nothing_is_sent_twice(folder: Path) -> None:
    serving = Serving(Build(folder))
    seen = set()
    for accepted in ("br", "gzip", ""):
        headers = {"accept-encoding": accepted}
        tag = (await serving.answer("/console/assets/index-a1.js", headers)).headers["ETag"]
        again = {**headers, "if-none-match": f'"other", W/{tag}'}
        answer = await serving.answer("/console/assets/index-a1.js", again)
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
        seen.add(tag)
    assert len(seen) == 3  # a cache must not take one form for another


async def test_a_new_build_is_seen(folder: Path) -> None:
    serving = Serving(Build(folder))
    first = await serving.answer("/console/", {})
    (folder / "index.html").write_bytes(b"new")
    os.utime(folder / "index.html", ns=(1, 1))
    (folder / "assets/new-d4.js").write_bytes(b"new")
    assert content_of(await serving.answer("/console/assets/new-d4.js", {})) == b"new"
    assert (await serving.answer("/console/", {})).headers["ETag"] != first.headers["ETag"]


async def test_without_a_build_it_says_how_to_get_one(tmp_path: Path) -> None:
    serving = Serving(Build(tmp_path / "none"))
    assert not serving.is_built
    answer = await serving.answer("/console/anything", {})
    assert answer.status == 503 and b"scripts/console" in content_of(answer)
    moved = await serving.answer("/console", {})
    assert (moved.status, moved.headers["Location"]) == (308, "/console/")


@pytest.mark.parametrize(
    ("header", "codings"),
    [
        ("", set()),
        ("br", {"br"}),
        ("BR;q=1, gzip ; q=0.5", {"br", "gzip"}),
        ("br;q=0,*;q=0", set()),
        (",;,", set()),
    ],
)
def test_codings(header: str, codings: set[str]) -> None:
    assert accepted_codings(header) == codings
    assert len(accepted_codings("a," * 10_000)) == 1
