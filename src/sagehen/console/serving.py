"""What a browser gets below `/console/`: a file of the build, or the page that finds out by its address."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from sagehen.api.streams import FileSlice
from sagehen.console import missing
from sagehen.console.built import ENCODINGS, INDEX, Build, BuiltFile, Variant
from sagehen.console.headers import ASKED_ANEW, FOR_EVER, HEADERS
from sagehen.protocol.http import HttpResponse

PATH = "/console/"
_HASHED = "assets/"
# Of an Accept-Encoding header; browsers name four.
_MOST_CODINGS = 16


class Serving:
    """Answers with the application's files.

    Args:
        build: Where they are.
    """

    def __init__(self, build: Build) -> None:
        self._build = build

    @property
    def is_built(self) -> bool:
        """Whether there is an application."""
        return self._build.exists

    async def answer(self, path: str, headers: Mapping[str, str]) -> HttpResponse:
        """Answer a GET or HEAD.

        Args:
            path: Percent-encoded, `/console` or below `/console/`; no file's name has a percent sign.
            headers: By lower-case name.
        """
        if path + "/" == PATH:
            return HttpResponse(HTTPStatus.PERMANENT_REDIRECT, {**HEADERS, "Location": PATH})
        files = await asyncio.to_thread(self._build.files)
        if INDEX not in files:
            return HttpResponse(HTTPStatus.SERVICE_UNAVAILABLE, dict(missing.HEADERS), missing.PAGE)
        name = path.removeprefix(PATH)
        found = files.get(name)
        if found is None and name.startswith(_HASHED):
            # Of a build that is no more: a page in its place would be taken for a broken script.
            return HttpResponse(HTTPStatus.NOT_FOUND, {**HEADERS, **ASKED_ANEW}, b"")
        return _sent(found or files[INDEX], headers, hashed=found is not None and name.startswith(_HASHED))


def _sent(file: BuiltFile, headers: Mapping[str, str], *, hashed: bool) -> HttpResponse:
    coding, variant = _variant(file, headers.get("accept-encoding", ""))
    answer = {**HEADERS, **(FOR_EVER if hashed else ASKED_ANEW), "ETag": variant.tag}
    answer["Vary"] = "Accept-Encoding"
    if variant.tag in (tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(",")):
        return HttpResponse(HTTPStatus.NOT_MODIFIED, answer)
    answer["Content-Type"] = file.type
    if coding:
        answer["Content-Encoding"] = coding
    return HttpResponse(HTTPStatus.OK, answer, FileSlice(variant.path, 0, variant.size))


def _variant(file: BuiltFile, accepted: str) -> tuple[str, Variant]:
    """Return the content coding ('' for none) and what is sent in it."""
    wanted = accepted_codings(accepted)
    for coding in ENCODINGS:
        if coding in wanted and coding in file.encoded:
            return coding, file.encoded[coding]
    return "", file.plain


def accepted_codings(header: str) -> frozenset[str]:
    """Return the content codings that an Accept-Encoding header names and does not refuse (`q=0`)."""
    accepted = set()
    for item in header.lower().split(",", _MOST_CODINGS)[:_MOST_CODINGS]:
        coding, _, weight = item.partition(";")
        quality = weight.strip().removeprefix("q=").strip()
        if coding.strip() and (quality.strip("0.") or not quality):
            accepted.add(coding.strip())
    return frozenset(accepted)
