"""Packages of a warm pool: taken up for the same requirements, and for no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagehen.trainingtoolkit import kept_packages


@pytest.fixture
def around(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "prefix" / "lib/python3.11/site-packages/humanize").mkdir(parents=True)
    (tmp_path / "prefix" / "models").mkdir()
    return {"PIP_PREFIX": str(tmp_path / "prefix"), kept_packages.POOL: "/cache"}


def source(folder: Path, text: str | None) -> Path:
    folder.mkdir(exist_ok=True)
    if text is not None:
        (folder / "requirements.txt").write_text(text)
    return folder


def site(around: dict[str, str]) -> Path:
    return Path(around["PIP_PREFIX"], "lib/python3.11/site-packages")


def test_the_same_requirements_find_them(tmp_path: Path, around: dict[str, str]) -> None:
    text = "humanize==4.1  # for people\nrequests[socks]>=2,<3; python_version > '3'\n"
    kept_packages.leave(source(tmp_path / "a", text), around)
    (site(around) / "__pycache__").mkdir()  # a use of them changes nothing
    assert kept_packages.take_up(source(tmp_path / "b", text), around)
    assert (site(around) / "humanize").exists()


@pytest.mark.parametrize("text", ["humanize==4.2\n", None, "", "humanize==4.1\n\n"])
def test_others_find_nothing(tmp_path: Path, around: dict[str, str], text: str | None) -> None:
    kept_packages.leave(source(tmp_path / "a", "humanize==4.1\n"), around)
    assert not kept_packages.take_up(source(tmp_path / "b", text), around)
    assert not (site(around) / "humanize").exists()
    assert Path(around["PIP_PREFIX"], "models").exists()


def test_what_aws_s_image_has_is_taken_up_too(tmp_path: Path, around: dict[str, str]) -> None:
    with_added = around | {kept_packages.ADDED_PACKAGES: "smdebug==1.0.34"}
    kept_packages.leave(source(tmp_path / "a", None), with_added)
    assert kept_packages.take_up(source(tmp_path / "b", None), with_added)
    assert not kept_packages.take_up(source(tmp_path / "c", None), around)


def test_a_job_that_installed_more_leaves_nothing(tmp_path: Path, around: dict[str, str]) -> None:
    kept_packages.leave(source(tmp_path / "a", "humanize==4.1\n"), around)
    (site(around) / "sneaked_in").mkdir()
    assert not kept_packages.take_up(source(tmp_path / "b", "humanize==4.1\n"), around)
    assert not (site(around) / "sneaked_in").exists()


@pytest.mark.parametrize(
    "text", ["-r more.txt\n", "./wheel.whl\n", "x @ https://h/x.whl\n", "git+https://h/x\n"]
)
def test_what_may_mean_something_else_each_time_is_not_kept(
    tmp_path: Path, around: dict[str, str], text: str
) -> None:
    kept_packages.leave(source(tmp_path / "a", text), around)
    assert not kept_packages.take_up(source(tmp_path / "b", text), around)


def test_without_a_pool_nothing_is_touched(tmp_path: Path, around: dict[str, str]) -> None:
    del around[kept_packages.POOL]
    kept_packages.leave(source(tmp_path / "a", "humanize\n"), around)
    assert not kept_packages.take_up(source(tmp_path / "a", None), around)
    assert (site(around) / "humanize").exists()
