"""Objects cut into records, records into payloads; JSONPath; records joined with answers."""

from __future__ import annotations

import asyncio
import gzip
import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.services.sagemaker.transform.asking import NotAnswered, Server
from sagehen.services.sagemaker.transform.objects import Manner, transform
from sagehen.services.sagemaker.transform.records import paths
from sagehen.services.sagemaker.transform.records.association import Association, Format, Mismatch, format_of
from sagehen.services.sagemaker.transform.records.payloads import Payloads
from sagehen.services.sagemaker.transform.records.splitting import UnusableRecords, splitter
from sagehen.services.sagemaker.transform.settings import Settings
from sagehen.serving.connection import ConnectionClosed


def recordio(content: bytes) -> bytes:
    return struct.pack("<II", 0xCED7230A, len(content)) + content + b"\0" * (-len(content) % 4)


def tfrecord(content: bytes) -> bytes:
    return struct.pack("<Q", len(content)) + b"cccc" + content + b"cccc"


def cut(split: str, content: bytes, pieces: int, most: int = 100) -> list[bytes]:
    splits = splitter(split, most)
    found = []
    for begin in range(0, len(content), pieces):
        found += splits.feed(content[begin : begin + pieces])
    return found + splits.end()


@pytest.mark.parametrize("pieces", [1, 3, 1000])
@pytest.mark.parametrize(
    ("split", "records", "content"),
    [
        ("None", [b"a\nb\n"], b"a\nb\n"),
        ("Line", [b"a", b"b,c\r"], b"a\n\nb,c\r\n"),
        ("Line", [b"a", b"last"], b"a\nlast"),
        ("Line", [], b"\n \n"),
        ("RecordIO", [recordio(b"abc"), recordio(b"")], recordio(b"abc") + recordio(b"")),
        ("TFRecord", [tfrecord(b"abc"), tfrecord(b"d")], tfrecord(b"abc") + tfrecord(b"d")),
    ],
)
def test_an_object_is_cut(split: str, records: list[bytes], content: bytes, pieces: int) -> None:
    assert cut(split, content, pieces) == records


@pytest.mark.parametrize(
    ("split", "content", "words"),
    [
        ("None", b"x" * 101, "larger than MaxPayloadInMB"),
        ("Line", b"a\n" + b"x" * 101, "larger than MaxPayloadInMB"),
        ("Line", b"x" * 101 + b"\na", "larger than MaxPayloadInMB"),
        ("RecordIO", b"nothing of it", "not RecordIO"),
        ("RecordIO", recordio(b"abcd")[:-1], "within a record"),
        ("TFRecord", struct.pack("<Q", 2**64 - 1) + b"cccc", "larger than MaxPayloadInMB"),
        ("TFRecord", tfrecord(b"abc")[:-1], "within a record"),
    ],
)
def test_what_cannot_be_cut(split: str, content: bytes, words: str) -> None:
    with pytest.raises(UnusableRecords, match=words):
        cut(split, content, 1000)


def test_payloads_take_what_fits() -> None:
    payloads = Payloads(several=True, most_bytes=5, between=1)
    full = list(payloads.add([b"ab", b"cd", b"e", b"fgh", b"i"]))
    assert full + list(payloads.end()) == [[b"ab", b"cd"], [b"e", b"fgh"], [b"i"]]
    alone = Payloads(several=False, most_bytes=5, between=1)
    assert list(alone.add([b"a", b"b"])) == [[b"a"], [b"b"]] and not list(alone.end())
    small = Payloads(several=True, most_bytes=1000, between=1, most_records=2)
    assert list(small.add([b"a"] * 5)) == [[b"a"] * 2] * 2 and list(small.end()) == [[b"a"]]


DOCUMENT = {"id": 7, "features": [1, 2, 3], "deep": {"a b": "x"}, "SageMakerOutput": 0.5}
PATHS: list[tuple[str, Any, Any]] = [
    ("$", [1], [1]),
    ("$.features", DOCUMENT, [1, 2, 3]),
    ("$.deep['a b']", DOCUMENT, "x"),
    ('$["id"]', DOCUMENT, 7),
    ("$['id','SageMakerOutput']", DOCUMENT, {"id": 7, "SageMakerOutput": 0.5}),
    ("$.features[0]", DOCUMENT, 1),
    ("$.features[1:]", DOCUMENT, [2, 3]),
    ("$.features.*", DOCUMENT, [1, 2, 3]),
    ("$.deep[*]", DOCUMENT, ["x"]),
    ("$[0,5:]", ["a", "b", "c", "d", "e", "f", "g"], ["a", "f", "g"]),
    ("$[:2]", ["a", "b", "c"], ["a", "b"]),
    ("$[2:,0:1,1]", ["a", "b", "c"], ["c", "a", "b"]),
    ("$[0,0:0]", ["a"], ["a"]),
]


@pytest.mark.parametrize(("path", "value", "part"), PATHS)
def test_a_path_names_a_part(path: str, value: Any, part: Any) -> None:
    assert paths.parse(path).of(value) == part


@pytest.mark.parametrize(
    "path",
    [
        *("", "features", "$..a", "$[?(@.a)]", "$[-1]", "$['a]", "$[1:2:3]", "$[]", "$.", "$[" * 30),
        # Eight steps of these would make 6,561 of each value.
        *("$" + "[:,:,:]" * 8, "$[0,0]", "$[2,1:3]", "$[:2,1:]", "$[5:,7]"),
    ],
)
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(paths.InvalidPath):
        paths.parse(path)


@pytest.mark.parametrize(
    ("path", "value"), [("$[3]", [1]), ("$.a", {}), ("$.a", []), ("$[0]", {}), ("$.*", 1)]
)
def test_a_part_that_is_not_there(path: str, value: Any) -> None:
    with pytest.raises(paths.NotThere):
        paths.parse(path).of(value)


def association(
    kind: str, taken: str = "$", shown: str = "$", *, joins: bool = True, in_lines: bool = True
) -> Association:
    return Association(Format(kind, in_lines), paths.parse(taken), paths.parse(shown), joins)


STORED: list[tuple[Association, list[bytes], bytes, bytes]] = [
    (association("csv"), [b'1,"a,b"', b"2,c"], b"0.5\n0.25\n", b'1,"a,b",0.5\n2,c,0.25'),
    (association("csv", shown="$[0,2:]"), [b"1,a", b"2,b"], b"x,y\nz,w", b"1,x,y\n2,z,w"),
    (association("csv", shown="$[0]", joins=False), [b"1"], b"x,y", b"x"),
    (association("json"), [b'{"id":1}'], b"[0.5]", b'{"id":1,"SageMakerOutput":[0.5]}'),
    (association("json"), [b"[1,2]"], b"0.5", b'{"SageMakerInput":[1,2],"SageMakerOutput":0.5}'),
    (association("json", shown="$['id','SageMakerOutput']", in_lines=False), [b'{"id":1,"x":\n2}'],
     b'{"p":\n1}', b'{"id":1,"SageMakerOutput":{"p":1}}'),
]  # fmt: skip


@pytest.mark.parametrize(("how", "records", "answer", "stored"), STORED)
def test_records_are_joined_with_answers(
    how: Association, records: list[bytes], answer: bytes, stored: bytes
) -> None:
    assert how.stored(records, answer) == stored


def test_a_part_of_records_is_asked() -> None:
    assert association("csv", "$[1:]").asked([b'7,"a,b",2', b"8,c,3"]) == [b'"a,b",2', b"c,3"]
    assert association("json", "$.x").asked([b'{"id":1,"x":[1,2]}']) == [b"[1,2]"]
    assert association("csv").asked([b"any \xff"]) == [b"any \xff"]


@pytest.mark.parametrize(
    ("how", "records", "answer", "words"),
    [
        (association("csv"), [b"1", b"2"], b"x", "2 records have 1 answers"),
        (association("csv", shown="$[9]"), [b"1"], b"x", r"there is no \[9\] among 2"),
        (association("json"), [b"{"], b"1", "it is no JSON"),
        (association("json"), [b"1"], b"[" * 300, "it is no JSON"),
        (association("csv"), [b"\xff"], b"1", "it is no CSV"),
    ],
)
def test_what_cannot_be_joined(how: Association, records: list[bytes], answer: bytes, words: str) -> None:
    with pytest.raises(Mismatch, match=words):
        how.stored(records, answer)


def test_formats() -> None:
    assert format_of("text/csv; charset=utf-8", False) == Format("csv", in_lines=True)
    assert format_of("application/json", False) == Format("json", in_lines=False)
    assert format_of("application/jsonlines", False) == Format("json", in_lines=True)
    assert format_of("image/png", True) is None


class FakeReplica:
    """Answers with what was asked, upper-cased; some answers come late, or are errors at first."""

    def __init__(self, *statuses: int, first_waits: bool = False) -> None:
        self.asked: list[bytes] = []
        self.at_once = self.most_at_once = 0
        self._statuses = list(statuses)
        self._second = asyncio.Event()
        if not first_waits:
            self._second.set()

    async def request(
        self, method: bytes, path: bytes, headers: Any, body: bytes, timeout_s: float, **_: Any
    ) -> Any:
        self.asked.append(body)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        if len(self.asked) == 2:
            self._second.set()
        await asyncio.wait_for(self._second.wait(), 30)
        for _ in range(10 if len(self.asked) % 2 else 1):  # later ones are answered before earlier ones
            await asyncio.sleep(0)
        self.at_once -= 1
        status = self._statuses.pop(0) if self._statuses else 200
        return SimpleNamespace(status=status, body=body.upper() if status == 200 else b"no")


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(content), 7):
        yield content[begin : begin + 7]


async def outcome(
    folder: Path,
    content: bytes,
    replica: FakeReplica,
    settings: Settings,
    most_held: int = 0,
    **manner: Any,
) -> bytes:
    server = Server("algo-1", replica, settings, asyncio.Semaphore(settings.at_once), {})  # type: ignore[arg-type]
    how = Manner(**{"split": "Line", "is_gzipped": False, "ends_lines": True, "association": None, **manner})
    found = await transform(pieces(content), folder / "out", lambda size: size <= most_held, server, how)
    assert isinstance(found, bytes) != (folder / "out").exists()
    return found if isinstance(found, bytes) else found.read_bytes()


SETTINGS = Settings(at_once=3, payload_mb=6, several=False, timeout_s=60, retries=1)


async def test_answers_keep_the_order_of_records_and_no_more_than_allowed_are_under_way(
    tmp_path: Path,
) -> None:
    replica = FakeReplica(first_waits=True)
    lines = "\n".join(f"line {number}" for number in range(20)).encode()
    assert await outcome(tmp_path, lines, replica, SETTINGS) == lines.upper() + b"\n"
    assert 1 < replica.most_at_once <= 3


@pytest.mark.parametrize("most_held", [0, 6])
async def test_short_answers_stay_in_memory(most_held: int, tmp_path: Path) -> None:
    assert await outcome(tmp_path, b"ab\ncd", FakeReplica(), SETTINGS, most_held) == b"AB\nCD\n"
    assert (tmp_path / "out").exists() == (not most_held)


async def test_gzip_whole_objects_and_joins(tmp_path: Path) -> None:
    replica = FakeReplica()
    whole = await outcome(
        tmp_path, gzip.compress(b"a\nb"), replica, SETTINGS, split="None", is_gzipped=True, ends_lines=False
    )
    assert whole == b"A\nB" and replica.asked == [b"a\nb"]
    joined = await outcome(
        tmp_path, b"1,a\n2,b\n", FakeReplica(), SETTINGS, association=association("csv", "$[1]")
    )
    assert joined == b"1,a,A\n2,b,B\n"


async def test_what_fails_is_tried_again_and_what_is_refused_is_not(tmp_path: Path) -> None:
    again = FakeReplica(503)
    assert await outcome(tmp_path, b"a", again, SETTINGS) == b"A\n"
    assert len(again.asked) == 2
    for statuses, tries, is_client, said in (
        ((500, 500), 2, False, "Bad HTTP status received from algorithm: 500"),
        ((400,), 1, True, "ClientError: 400"),
    ):
        replica = FakeReplica(*statuses)
        with pytest.raises(NotAnswered, match=f"^{said}\n\nMessage:\nno") as refused:
            await outcome(tmp_path, b"a", replica, SETTINGS)
        assert (len(replica.asked), refused.value.is_client) == (tries, is_client)


async def test_a_link_that_is_cut_is_no_try_of_the_models() -> None:
    """Of a node: the server there knows nothing of it. Where the node is lost, the last one has failed."""
    broken, away = ConnectionClosed("cut", began=True), [True, True, False]

    class Cut(FakeReplica):
        async def request(self, *arguments: Any, **options: Any) -> Any:
            self.asked.append(b"")
            raise broken

    async def was_away() -> bool:
        return away.pop(0)

    replica, settings = Cut(), replace(SETTINGS, retries=0)
    server = Server("algo-1", replica, settings, asyncio.Semaphore(1), {}, was_away)  # type: ignore[arg-type]
    with pytest.raises(NotAnswered, match="Unable to get response from algorithm: the container hung up"):
        await server.ask(b"a")
    assert len(replica.asked) == 3 and not away
