"""What sources import: by syntax alone, and without false alarms."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sagehen.executors.environments import reading
from sagehen.executors.environments.lacks import judge, listed
from sagehen.executors.environments.reading import read
from sagehen.executors.environments.source import Source, read_source


def _read(folder: Path, script: str, files: Mapping[str, str] | None = None) -> dict[str, Any]:
    (folder / "train.py").write_text(script)
    for name, content in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return read(folder, "train.py")


@pytest.mark.parametrize(
    ("script", "certain", "perhaps"),
    [
        ("import torchvision.models as m", ["torchvision"], []),
        ("from a.b import c\nimport d, e.f", ["a", "d", "e"], []),
        ("class A:\n  import a", ["a"], []),
        ("try:\n  import a\nexcept E:\n  import b\nelse:\n  import c", [], ["a", "b", "c"]),
        ("try:\n  pass\nfinally:\n  import d", ["d"], []),
        ("if TYPE_CHECKING:\n  import a\nelse:\n  import b", [], ["b"]),
        ("import typing\nif typing.TYPE_CHECKING:\n  import a", ["typing"], []),
        ("def f():\n  import a\nasync def g():\n  import b", [], ["a", "b"]),
        ("if 1:\n  import a\nelif 2:\n  import b\nelse:\n  import c", [], ["a", "b", "c"]),
        ("with x():\n  import a\nfor i in y:\n  import b\nwhile z:\n  import c", [], ["a", "b", "c"]),
        ("match x:\n  case 1:\n    import a", [], ["a"]),
        ("import a\ntry:\n  import a\nexcept Exception: pass", ["a"], []),
        ("import sys", [], []),
        ("syntax error here", [], []),
        ("x = '" + "(" * 5000, [], []),
        ("x = " + "-" * 100_000 + "1", [], []),
    ],
)  # fmt: skip
def test_imports(tmp_path: Path, script: str, certain: list[str], perhaps: list[str]) -> None:
    found = _read(tmp_path, script)
    assert (sorted(found["certain"]), sorted(found["perhaps"])) == (certain, perhaps)


def test_modules_beside_the_script_are_read_and_are_no_packages(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        "import data\nfrom nets import conv\nimport nets.heads\nimport spaces.inner\n",
        {
            "data.py": "from utils import helper\n",
            "utils.py": "import pandas\n",
            "nets/__init__.py": "from . import blocks\nfrom .. import outside\n",
            "nets/blocks.py": "from .deep import tricks\n",
            "nets/deep.py": "import einops\n",
            "nets/conv.py": "import timm\n",
            "nets/heads.py": "import torchvision\n",
            "spaces/inner.py": "import monai\n",
        },
    )
    assert not found["perhaps"]
    assert found["certain"] == {
        "pandas": "utils.py line 1",
        "einops": "nets/deep.py line 1",
        "timm": "nets/conv.py line 1",
        "torchvision": "nets/heads.py line 1",
        "monai": "spaces/inner.py line 1",
    }


def test_a_module_that_is_only_perhaps_imported_imports_nothing_for_certain(tmp_path: Path) -> None:
    found = _read(tmp_path, "try:\n  import fast\nexcept ImportError:\n  pass", {"fast.py": "import numba"})
    assert (found["certain"], list(found["perhaps"])) == ({}, ["numba"])


def test_links_out_of_the_source_and_what_is_no_file_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("import hidden")
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "out.py").symlink_to(secret)
    (folder / "pipe.py").mkdir()
    (folder / "around").symlink_to(tmp_path)
    assert _read(folder, "import out, pipe\nfrom ... import secret")["certain"] == {}
    through = _read(folder, "import around.secret, numpy")
    assert (list(through["certain"]), through["opaque"]) == (["numpy"], True)


@pytest.mark.parametrize("entry", ["../secret.py", "a/../../secret.py", "{}/secret.py", "around/secret.py"])
def test_a_script_outside_the_source_is_not_read(tmp_path: Path, entry: str) -> None:
    (tmp_path / "secret.py").write_text("import hidden")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "around").symlink_to(tmp_path)
    assert read(tmp_path / "code", entry.format(tmp_path))["certain"] == {}
    assert read(tmp_path, "secret.py")["certain"] == {"hidden": "secret.py line 1"}


def test_places_where_nothing_is_are_not_counted_as_files(tmp_path: Path) -> None:
    names = ", ".join(f"n{number}" for number in range(400))
    found = _read(
        tmp_path, f"import last\nfrom first import {names}", {"first.py": "", "last.py": "import a"}
    )
    assert (list(found["certain"]), found["opaque"]) == (["a"], False)


@pytest.mark.parametrize(
    "files",
    [
        {"helper.py": "#" * (1 << 20) + "\nimport sys\nsys.path.append('lib')"},
        {"helper.py": "".join(f"import m{n}\n" for n in range(30)), **{f"m{n}.py": "" for n in range(30)}},
        {"helper.py": "x = " + "(" * 150 + "0" + ")" * 150 + "-" * 100_000 + "1"},
        {"requirements.txt": "torch\n" * 1001},
    ],
)
def test_nothing_is_certain_where_not_all_was_read(
    tmp_path: Path, files: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MOST_FILES", 30)
    found = _read(tmp_path, "import helper, absent", files)
    assert "absent" in found["certain"] and found["opaque"]


def test_names_that_no_file_can_have_are_left_out(tmp_path: Path) -> None:
    found = _read(tmp_path, f"import {'ä' * 126}, {'b' * 250}", {"requirements.txt": "c" * 5000})
    assert (list(found["certain"]), found["requirements"]) == (["b" * 250], ["c" * 250])


@pytest.mark.parametrize(
    ("script", "flag"),
    [
        ("import os\nos.system('pip install timm')", "installs"),
        ("import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'x'])", "installs"),
        ("import sys\nsys.path.append('lib')", "moves_path"),
        ("import sys\nsys.modules['a'] = 1", "moves_path"),
        ("from sys import path", "moves_path"),
        ("import sys as system\nsystem.path.append('lib')", "moves_path"),
    ],
)
def test_tricks_are_seen(tmp_path: Path, script: str, flag: str) -> None:
    found = _read(tmp_path, script)
    assert found[flag] and not found["moves_path" if flag == "installs" else "installs"]


@pytest.mark.parametrize(
    ("text", "names", "opaque"),
    [
        (
            "Torch_Vision>=0.2 # why\n# no\n\nPillow[x]==1;a>'3'",
            ["torch-vision", "pillow"],
            False,
        ),
        ("-r more.txt\ntimm", ["timm", "inner"], True),
        ("-e .", [], True),
        ("git+https://example.com/x.git", [], True),
        ("./wheels/a.whl", [], True),
        ("name @ https://example.com/x.whl", ["name"], False),
        ("--extra-index-url https://example.com\nx", ["x"], False),
    ],
)
def test_requirements(tmp_path: Path, text: str, names: list[str], opaque: bool) -> None:
    found = _read(tmp_path, "", {"requirements.txt": text, "more.txt": "inner"})
    assert (found["requirements"], found["opaque"]) == (names, opaque)


def test_what_is_missing_is_certain_unless_something_may_bring_it() -> None:
    imported = {"torchvision": "train.py line 3", "mine": "a.py line 1"}
    missing = {"torchvision", "mine", "other"}
    certain = judge(Source(certain=imported, perhaps={"other": "b.py line 2"}), missing, {"torch"})
    assert (certain.certain, certain.perhaps) == (imported, {"other": "b.py line 2"})
    assert listed(certain.certain) == "torchvision (train.py line 3), mine (a.py line 1)"
    assert judge(Source(certain=imported, requirements=("torch",)), missing, {"torch"}).certain == imported
    for trick in ({"requirements": ("timm",)}, {"installs": True}, {"opaque": True}):
        source = Source(certain=imported, **trick)
        assert judge(source, missing, {"torch"}, {"torchvision"}).certain == {}
    moved = judge(Source(certain=imported, moves_path=True), missing, {}, {"torchvision"})
    assert (list(moved.certain), list(moved.perhaps)) == (["torchvision"], ["mine"])


def test_names_in_messages_are_short_and_printable() -> None:
    modules = {f"m{number}": "a\x1b[2J\n.py" + "x" * 500 for number in range(50)}
    text = listed(modules)
    assert text.endswith("and 42 more") and text.isprintable() and len(text) < 1000


async def test_the_reader_is_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import torchvision")
    source = await read_source(tmp_path, "a.py")
    assert source.certain == {"torchvision": "a.py line 1"}
    assert await read_source(tmp_path, "missing.py") == Source()


@pytest.mark.parametrize(
    ("file", "names"),
    [("needs/all.txt", ["timm"]), (None, []), ("../outside.txt", []), ("nowhere.txt", [])],
)
def test_requirements_are_those_of_the_file_that_is_named(
    tmp_path: Path, file: str | None, names: list[str]
) -> None:
    source = tmp_path / "source"
    (source / "needs").mkdir(parents=True)
    (source / "needs/all.txt").write_text("timm>=1\n")
    (source / "requirements.txt").write_text("pandas\n")
    (tmp_path / "outside.txt").write_text("secret\n")
    assert read(source, "train.py", file)["requirements"] == names
