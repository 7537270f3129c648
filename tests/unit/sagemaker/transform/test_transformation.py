"""Many objects at once: none is lost, none costs another, and no more are read than may be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.incoming.index import Entry
from sagehen.services.sagemaker.jobs.decisions import Ending, Observed
from sagehen.services.sagemaker.transform.asking import Server
from sagehen.services.sagemaker.transform.objects import Manner
from sagehen.services.sagemaker.transform.outputs import Output, Outputs
from sagehen.services.sagemaker.transform.settings import Settings
from sagehen.services.sagemaker.transform.transformation import Transformation

ENTRIES = [Entry("data", f"in/{number:03d}", f"{number:03d}") for number in range(40)]


class FakeS3:
    """Each object holds its key; `gone` is not there."""

    def __init__(self, gone: str = "") -> None:
        self.gone = gone
        self.read_not_answered = self.most_read = 0

    async def read(self, principal: Any, bucket: str, key: str) -> tuple[Any, AsyncIterator[bytes]]:
        if key == self.gone:
            raise NoSuchObject(f"s3://{bucket}/{key} is gone")
        self.read_not_answered += 1
        self.most_read = max(self.most_read, self.read_not_answered)
        return None, self._pieces(key)

    async def _pieces(self, key: str) -> AsyncIterator[bytes]:
        yield key.encode()


class FakeReplica:
    """Answers in capitals, later ones before earlier ones, and refuses `refused`."""

    def __init__(self, s3: FakeS3, refused: bytes = b"") -> None:
        self.at_once = self.most_at_once = self.asked = 0
        self._s3 = s3
        self._refused = refused

    async def request(self, method: bytes, path: bytes, headers: Any, body: bytes, *_: Any, **__: Any) -> Any:
        self.at_once += 1
        self.asked += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        for _turn in range(9 if self.asked % 2 else 1):
            await asyncio.sleep(0)
        self.at_once -= 1
        self._s3.read_not_answered -= 1
        return SimpleNamespace(status=400 if body == self._refused else 200, body=body.upper())


async def listed() -> AsyncIterator[Entry]:
    for entry in ENTRIES:
        yield entry


def server_of(replica: FakeReplica, at_once: int, payload_mb: int) -> Server:
    settings = Settings(at_once, payload_mb, several=False, timeout_s=60, retries=0)
    return Server("algo-1", replica, settings, asyncio.Semaphore(at_once), {})  # type: ignore[arg-type]


def work_of(s3: FakeS3, outputs: Outputs, said: list[str], seen: Observed) -> Transformation:
    manner = Manner("None", is_gzipped=False, ends_lines=False, association=None)
    return Transformation(
        s3, None, manner, outputs, lambda: seen, lambda host, text: said.append(text)  # type: ignore[arg-type]
    )  # fmt: skip


# (MaxConcurrentTransforms, MaxPayloadInMB, objects read at once): 16 MB ahead, and no more than are asked.
AHEAD = [(1, 6, 2), (4, 6, 6), (16, 1, 32), (1, 100, 1)]


@pytest.mark.parametrize(("at_once", "payload_mb", "most_read"), AHEAD)
async def test_all_are_answered_in_order_and_read_ahead(
    at_once: int, payload_mb: int, most_read: int, tmp_path: Path
) -> None:
    s3, outputs = FakeS3(), Outputs(tmp_path)
    replica = FakeReplica(s3)
    work = work_of(s3, outputs, [], Observed())
    await work.run([server_of(replica, at_once, payload_mb)], listed())
    assert list(outputs) == [Output(f"{one.relative}.out", one.key.upper().encode(), one) for one in ENTRIES]
    assert replica.most_at_once == at_once
    assert at_once <= s3.most_read <= most_read
    assert work.first_failure is None


async def test_one_that_fails_costs_no_other(tmp_path: Path) -> None:
    s3, outputs, said = FakeS3(gone="in/003"), Outputs(tmp_path), list[str]()
    work = work_of(s3, outputs, said, Observed())
    await work.run([server_of(FakeReplica(s3, refused=b"in/005"), 2, 6)], listed())
    assert {one.entry.relative for one in outputs} == {one.relative for one in ENTRIES} - {"003", "005"}
    assert work.first_failure is not None
    assert [text.split(": ")[1:] for text in said if "003" in text] == [
        ["data/in/003", "s3://data/in/003 is gone"]
    ]
    assert [text.removeprefix("[sagemaker logs]: data/in/005: ") for text in said if "005" in text] == [
        *("ClientError: 400", "", "Message:", "IN/005")
    ]


async def test_nothing_is_begun_of_a_job_that_ends(tmp_path: Path) -> None:
    s3, outputs = FakeS3(), Outputs(tmp_path)
    await work_of(s3, outputs, [], Observed(ending=Ending.STOP)).run(
        [server_of(FakeReplica(s3), 2, 6)], listed()
    )
    assert not list(outputs) and not s3.most_read


def test_answers_in_memory_have_a_bound_each_and_together(tmp_path: Path) -> None:
    outputs = Outputs(tmp_path, held_bytes=100_000)
    assert [outputs.may_hold(size) for size in (65_536, 65_537, 40_000, 34_464, 1, 0)] == [
        True, False, False, True, False, True,
    ]  # fmt: skip
