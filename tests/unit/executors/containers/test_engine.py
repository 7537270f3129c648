"""What engines say: frames of output, errors, what they are."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.executors.base import ExitStatus
from sagehen.executors.containers.engine.errors import EngineRefused, failed_load, refusal
from sagehen.executors.containers.engine.frames import BadFrame, Frames
from sagehen.executors.containers.engine.versions import spoken
from sagehen.executors.containers.facts import engine_of, refusal_of, refusal_of_user
from sagehen.executors.containers.programs import not_executable


def _frame(kind: int, said: bytes) -> bytes:
    return bytes([kind, 0, 0, 0]) + len(said).to_bytes(4, "big") + said


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=40)), max_size=8), st.data())
def test_frames_are_told_apart_however_they_are_cut(
    said: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    stream = b"".join(_frame(kind, text) for kind, text in said)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=6))
    frames, found = Frames(), {"stdout": b"", "stderr": b""}
    for begin, end in pairwise(sorted({0, *cuts, len(stream)})):
        for name, piece in frames.feed(stream[begin:end]):
            found[name] += piece
    assert found == {
        name: b"".join(text for kind, text in said if kind == number)
        for name, number in (("stdout", 1), ("stderr", 2))
    }


@pytest.mark.parametrize(
    ("stream", "why"),
    [(_frame(3, b"no space left"), "broke"), (b"HTTP/1.1 200 OK", "no frame"), (_frame(9, b""), "no frame")],
)
def test_what_is_no_output_is_not_taken_for_it(stream: bytes, why: str) -> None:
    with pytest.raises(BadFrame, match=why):
        list(Frames().feed(stream))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"message":"No such image: own:1"}', "No such image: own:1"),
        (b'{"cause":"x","message":"runc: \\n  not found","response":500}', "runc: not found"),
        (b'{"cause":"no such container"}', "no such container"),
        (b"<html>\xff", "<html>\ufffd"),
        (b"[]", "[]"),
        (b"", "status 500, without a reason"),
        (json.dumps({"message": "x" * 9000}).encode(), "x" * 500),
    ],
)
def test_an_error_is_told_in_the_engines_own_words(body: bytes, why: str) -> None:
    error = refusal(500, body)
    assert (str(error), error.status) == (why, 500)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"stream":"Loaded image: own:1\\n"}\r\n', None),
        (b'{"stream":"."}\n{"errorDetail":{},"error":"/x: no space left"}\n', "/x: no space left"),
        (b"nonsense", None),
        (b"", None),
    ],
)  # fmt: skip
def test_a_failed_load_says_so_behind_its_status(body: bytes, why: str | None) -> None:
    assert failed_load(body) == why


@pytest.mark.parametrize(
    ("version", "name", "is_podman"),
    [
        ({"Version": "28.0.1", "Components": [{"Name": "Engine"}]}, "Docker 28.0.1", False),
        ({"Version": "4.3.1", "Components": [{"Name": "Podman Engine"}]}, "Podman 4.3.1", True),
        ({}, "Docker", False),
    ],
)
def test_which_engine_it_is(version: dict[str, object], name: str, is_podman: bool) -> None:
    engine = engine_of(version)
    assert (engine.name, engine.is_podman) == (name, is_podman)


@pytest.mark.parametrize(
    ("about", "version"),
    [
        ({"ApiVersion": "1.41", "MinAPIVersion": "1.12"}, "1.40"),  # Docker 20.10
        ({"ApiVersion": "1.41", "MinAPIVersion": "1.24"}, "1.40"),  # Podman 4.3
        ({"ApiVersion": "1.52", "MinAPIVersion": "1.44"}, "1.44"),  # Docker 29
        ({"MinAPIVersion": "2.0"}, "2.0"),
        ({"MinAPIVersion": "1.44/../x"}, "1.40"),
        ({}, "1.40"),
    ],
)
def test_which_version_of_the_api_is_spoken(about: dict[str, str], version: str) -> None:
    assert spoken(about) == version


@pytest.mark.parametrize(
    ("options", "is_root", "why"),
    [
        (["name=seccomp,profile=default"], True, None),
        (["name=seccomp", "name=rootless"], False, None),
        (["name=rootless"], True, "run both as the same"),
        ([], False, "rootless engine"),
        (None, False, "rootless engine"),
        (["name=userns"], True, "userns-remap"),
    ],
)
def test_an_engine_whose_root_is_somebody_else_is_refused(
    options: list[str] | None, is_root: bool, why: str | None
) -> None:
    found = refusal_of({"SecurityOptions": options}, is_root=is_root)
    assert found is None if why is None else found is not None and why in found


@pytest.mark.parametrize(
    ("uid", "is_root", "is_refused"),
    [(0, True, False), (500, True, False), (0, False, False), (500, False, True)],
)
def test_in_a_rootless_engine_only_root_of_an_image_is_the_platforms_user(
    uid: int, is_root: bool, is_refused: bool
) -> None:
    assert (refusal_of_user(uid, is_root=is_root) is not None) == is_refused


_RUNC = "runc create failed: unable to start container process: "


@pytest.mark.parametrize(
    ("why", "code", "said"),
    [
        (f'{_RUNC}exec: "/x": stat /x: no such file or directory: unknown', 127, 'exec: "/x": stat'),
        (f'{_RUNC}exec: "x": executable file not found in $PATH', 127, 'exec: "x": executable'),
        ("crun: x: OCI runtime attempted to invoke a command that was not found", 127, "crun: x"),
        (f'{_RUNC}exec: "/etc": permission denied: unknown', 126, 'exec: "/etc": permission'),
    ],
)
def test_a_program_that_cannot_be_executed_has_ended(why: str, code: int, said: str) -> None:
    found = not_executable(EngineRefused(400, why))
    assert found is not None and found.status == ExitStatus(code) and str(found).startswith(said)


@pytest.mark.parametrize(
    "why",
    [
        f"{_RUNC}error setting rlimit type 7: operation not permitted",
        f'{_RUNC}exec: "/x": something else',
        "open /var/lib/x: permission denied",
        "mkdir /var/lib/x: no such file or directory",
    ],
)
def test_anything_else_is_a_refusal(why: str) -> None:
    assert not_executable(EngineRefused(400, why)) is None
