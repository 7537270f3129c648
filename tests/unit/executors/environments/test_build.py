"""Builds: what is asked for, in which order; and a real one, of a package as large as a postcard."""

from __future__ import annotations

import os
import threading
import time
import zipfile
from pathlib import Path

import pytest

from sagehen.executors.environments import catalogue, plan
from sagehen.executors.environments.build import BuildFailed, build
from sagehen.executors.environments.built import BuiltEnvironments, InUse
from sagehen.executors.environments.catalogue import FrameworkImage
from sagehen.executors.environments.pip_settings import PipSettings
from sagehen.executors.environments.uv import Uv, UvMissing, find_uv, settings, torch_backends


def _image(pins: dict[str, str], packages: tuple[str, ...], distribution: str | None) -> FrameworkImage:
    return FrameworkImage("own", ("training",), "1", None, distribution, pins, packages, (), None)


def test_what_is_asked_for_goes_from_exact_to_anything() -> None:
    image = _image(
        {"torch": "2.6.0", "torchvision": "0.21.0"}, ("torch", "torchvision", "seaborn<1"), "torch"
    )
    asked = list(plan.attempts(image, tools=("pip",)))
    assert [attempt.requirements[:3] for attempt in asked[:4]] == [
        ("torch==2.6.0", "torchvision==0.21.0", "seaborn<1"),
        ("torch==2.6.0", "torchvision", "seaborn<1"),
        ("torch>=2.6.0", "torchvision>=0.21.0", "seaborn<1"),
        ("torch", "torchvision", "seaborn<1"),
    ]
    assert [attempt.nearest for attempt in asked] == [(), (), ("torch", "torchvision"), ()] * 2
    assert all("seaborn<1" not in attempt.requirements for attempt in asked[4:])
    found = {"torch": "2.7.1", "torchvision": "0.22.1", "pip": "26"}
    assert plan.with_exact(asked[2], found) == ("torch==2.7.1", "torchvision==0.22.1", "seaborn<1", "pip")
    assert len(list(plan.attempts(_image({}, ("numpy",), None)))) == 2


def test_old_frameworks_get_the_numpy_of_their_time() -> None:
    image = _image({"torch": "2.1.0"}, ("torch", "numpy", "pandas", "pyarrow"), "torch")
    exact, nearest, *_ = plan.attempts(image, tools=())
    assert exact.requirements == ("torch==2.1.0", "numpy<2", "pandas<3", "pyarrow<22")
    assert nearest.requirements == ("torch>=2.1.0", "numpy", "pandas", "pyarrow")
    assert plan.with_exact(nearest, {"torch": "2.2.0"})[1] == "numpy<2"
    assert plan.with_exact(nearest, {"torch": "2.10.0"})[1] == "numpy"


def test_what_is_other_than_promised_is_said() -> None:
    image = catalogue.find("pytorch-training:2.6.0-cpu-py312")
    assert image is not None
    have = {plan.name_of(package): "1" for package in image.packages} | {
        "torch": "2.6.0+cpu",
        "torchvision": "1",
    }
    have.pop("numba")
    have["torchaudio"] = "2.6.0"
    notes = plan.differences(image, have, "3.11.7")
    assert notes == (
        "Python 3.11.7 instead of 3.12",
        "torchvision 1 instead of 0.21.0",
        "without numba",
    )


def test_an_id_is_of_the_content() -> None:
    lock = "a==1\nb==2\n"
    assert plan.digest(lock, "3.12.1", "x86_64") == plan.digest("b==2\n\na==1", "3.12.1", "x86_64")
    others = {
        plan.digest(*changed) for changed in ((lock, "3.12.2", "x"), (lock, "3.12.1", "x"), ("", "", ""))
    }
    assert len(others) == 3
    assert plan.locked("torch==2.6.0+cpu ; x\n# no\nMy_Pkg==1") == {"torch": "2.6.0+cpu", "my-pkg": "1"}


def test_uv_is_told_what_pip_was_told() -> None:
    pip = PipSettings({"PIP_INDEX_URL": "https://one", "PIP_FIND_LINKS": "/a /b", "PIP_CERT": "/c"}, ())
    told = settings(pip, {"UV_DEFAULT_INDEX": "https://mine", "AWS_SECRET_ACCESS_KEY": "x", "PATH": "/bin"})
    assert (told["UV_DEFAULT_INDEX"], told["UV_FIND_LINKS"]) == ("https://mine", "/a,/b")
    assert "AWS_SECRET_ACCESS_KEY" not in told
    assert torch_backends(told, 0) == (None,)
    ours = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "SSL_CERT_FILE": "/gone/bundle.pem"}
    doors = {"HTTPS_PROXY": "http://127.0.0.1:4566", "http_proxy": "http://127.0.0.1:3128"}
    left = settings(PipSettings({}, ()), ours | doors)
    assert "HTTPS_PROXY" not in left and "SSL_CERT_FILE" not in left
    assert left["http_proxy"] == doors["http_proxy"]
    assert [torch_backends({}, gpus) for gpus in (0, 2)] == [("cpu", None), ("auto", None)]


def _wheel(folder: Path, name: str, version: str, source: str) -> None:
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", source)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def uv(tmp_path: Path) -> Uv:
    try:
        program = find_uv()
    except UvMissing as error:
        pytest.skip(str(error))
    links = tmp_path / "links"
    links.mkdir()
    variables = {
        "PATH": os.defpath,
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(links),
        "UV_CACHE_DIR": str(tmp_path / "cache"),
    }
    return Uv(program, settings(PipSettings({}, ()), variables), lambda line: None)


def test_an_environment_is_built_shared_made_anew_when_cut_off_and_removed(tmp_path: Path, uv: Uv) -> None:
    _wheel(tmp_path / "links", "postcard", "1.4", "WORDS = 'here'")
    built = BuiltEnvironments(tmp_path / "built")
    image = _image({"postcard": "1.2"}, ("postcard",), "postcard")
    said: list[str] = []
    made = build(image, built, uv, said.append, tools=())
    assert "postcard 1.4 instead of 1.2" in said
    assert made.facts.distributions["postcard"] == "1.4" and made.size_bytes > 0
    assert built.find(image.key) == made and built.all() == [made]
    facts = made.facts.interpreter()
    assert made.folder in facts.folders or any(made.folder.is_relative_to(place) for place in facts.folders)

    again = build(image, built, uv, said.append, tools=())
    assert again.id == made.id and said[-1] == f"{made.id} is there already"

    # A build that was killed has written no description.
    (made.folder / "environment.json").unlink()
    (made.folder / "rest").touch()
    assert built.find(image.key) is None and built.half_made() == [made.id]
    assert not built.is_held(made.id)
    with built.building(made.id):
        assert built.is_held(made.id)
    assert build(image, built, uv, said.append, tools=()).id == made.id
    assert not (made.folder / "rest").exists()

    with built.building(made.id), pytest.raises(InUse):
        BuiltEnvironments(tmp_path / "built").remove(made.id)
    assert built.remove(made.id) and not made.folder.exists() and built.find(image.key) is None
    assert not built.remove("../links") and not built.remove(made.id)


def test_who_waits_for_another_build_can_be_stopped(tmp_path: Path, uv: Uv) -> None:
    _wheel(tmp_path / "links", "postcard", "1.2", "WORDS = 'here'")
    built, image = (
        BuiltEnvironments(tmp_path / "built"),
        _image({"postcard": "1.2"}, ("postcard",), "postcard"),
    )
    made = build(image, built, uv, lambda line: None, tools=())
    (made.folder / "environment.json").unlink()

    def say(line: str) -> None:
        said.append(line)
        if "waiting" in line:
            uv.stop()

    said: list[str] = []
    with built.building(made.id), pytest.raises(BuildFailed, match="stopped"):
        build(image, BuiltEnvironments(tmp_path / "built"), uv, say, tools=())
    assert said[-1] == "another build of the same is at work: waiting for it"


def test_what_is_imported_ends_with_the_build(tmp_path: Path, uv: Uv) -> None:
    started = tmp_path / "started"
    source = f"import pathlib, time\npathlib.Path({str(started)!r}).touch()\ntime.sleep(60)"
    _wheel(tmp_path / "links", "postcard", "1.2", source)

    def stop() -> None:
        while not started.exists():
            time.sleep(0.01)
        uv.stop()

    stopping = threading.Thread(target=stop)
    stopping.start()
    built = BuiltEnvironments(tmp_path / "built")
    with pytest.raises(BuildFailed, match="stopped"):
        build(_image({"postcard": "1.2"}, ("postcard",), "postcard"), built, uv, lambda line: None, tools=())
    stopping.join()
    assert built.all() == []


def test_what_does_not_import_is_no_environment(tmp_path: Path, uv: Uv) -> None:
    _wheel(tmp_path / "links", "postcard", "1.2", "raise OSError('another maker')")
    built = BuiltEnvironments(tmp_path / "built")
    with pytest.raises(BuildFailed, match="another maker"):
        build(_image({"postcard": "1.2"}, ("postcard",), "postcard"), built, uv, lambda line: None, tools=())
    assert built.all() == [] and built.half_made() == []
