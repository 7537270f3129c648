"""Builds of the platform's own: shared by who waits, heard by all, ended with the platform."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sagehen.executors.environments import catalogue
from sagehen.executors.environments.build import BuildFailed
from sagehen.executors.environments.builds import Builds
from sagehen.executors.environments.built import BuiltEnvironments
from sagehen.executors.environments.catalogue import FrameworkImage


def _image(uri: str) -> FrameworkImage:
    image = catalogue.find(uri)
    assert image is not None
    return image


async def test_one_build_serves_all_that_ask_and_a_waiter_may_leave(tmp_path: Path) -> None:
    go, made = threading.Event(), []

    def make(image: FrameworkImage, say: Callable[[str], None]) -> None:
        made.append(image.key)
        say("begun")
        assert go.wait(30)
        say("done")

    builds, heard = Builds(BuiltEnvironments(tmp_path), make=make), ([], [], [])
    first, leaver, late = (
        asyncio.create_task(builds.bring(_image(f"{repository}:1.7-1"), said.append))
        for repository, said in zip(["sagemaker-xgboost"] * 3, heard, strict=True)
    )
    while not all(heard):
        await asyncio.sleep(0.001)
    leaver.cancel()
    await asyncio.gather(leaver, return_exceptions=True)
    go.set()
    await asyncio.gather(first, late)
    await asyncio.sleep(0)
    assert made == ["xgboost 1.7-1 py3.8"]
    assert (heard[0], heard[1], heard[2]) == (["begun", "done"], ["begun"], ["begun", "done"])
    await builds.bring(_image("sagemaker-xgboost:1.7-1"), lambda line: None)
    assert len(made) == 2
    await builds.stop()


async def test_why_a_build_failed_is_told_and_the_next_one_tries_again(tmp_path: Path) -> None:
    tries: list[str] = []

    def make(image: FrameworkImage, say: Callable[[str], None]) -> None:
        tries.append(image.key)
        raise BuildFailed("no index is reachable")

    builds = Builds(BuiltEnvironments(tmp_path), make=make)
    for _ in range(2):
        with pytest.raises(BuildFailed, match="no index"):
            await builds.bring(_image("sagemaker-xgboost:1.7-1"), lambda line: None)
    assert len(tries) == 2
    await builds.stop()


async def test_builds_stop_before_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    builds = Builds(BuiltEnvironments(tmp_path), make=lambda image, say: made.append(image.key))
    monkeypatch.setattr("sagehen.executors.environments.builds._LEAST_FREE_BYTES", 10**18)
    with pytest.raises(BuildFailed, match="GB of the disk are free"):
        await builds.bring(_image("sagemaker-xgboost:1.7-1"), lambda line: None)
    monkeypatch.setattr("sagehen.executors.environments.builds._MOST_ENVIRONMENTS", 0)
    with pytest.raises(BuildFailed, match="built environments already"):
        await builds.bring(_image("sagemaker-xgboost:1.7-1"), lambda line: None)
    assert made == []
    await builds.stop()
