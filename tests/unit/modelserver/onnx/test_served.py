"""Served by ONNX Runtime only where it is asked for and the answers agree; the log says which serves."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sagehen.modelserver.hooks.onnx.export import FILE, served
from sagehen.modelserver.hooks.user_code import Hook

# Asked for without an import, and imported by tests alone: every worker collects every file, torch takes 2 s.
pytestmark = pytest.mark.skipif(
    not all(map(find_spec, ("torch", "onnxruntime", "onnx"))), reason="no torch or no ONNX Runtime"
)
WISH = "4"


@pytest.fixture(scope="module")
def networks() -> ModuleType:
    from . import networks

    return networks


class Log(list[str]):
    @property
    def line(self) -> str:
        (line,) = self
        return line


def test_answers_agree_for_every_size_of_batch(tmp_path: Path, networks: ModuleType) -> None:
    log = Log()
    own = networks.network()
    model = served(own, tmp_path, WISH, None, log.append)
    assert model is not own and isinstance(model, networks.nn.Module)
    assert log.line.startswith("sagehen: served by ONNX Runtime; its answers differ from PyTorch's by ")
    for size in (1, 2, 7):
        batch = networks.torch.randn(size, 4)
        assert networks.torch.allclose(model(batch), own(batch), atol=1e-5)


@pytest.mark.parametrize(
    ("make", "wish", "reason"),
    [
        (lambda networks: networks.Turning().eval(), WISH, "what it computes may depend on the numbers"),
        (lambda networks: networks.Noisy().eval(), WISH, "its answers differ by "),
        (lambda networks: networks.Twofold().eval(), WISH, "its answer is not one tensor"),
        (lambda networks: networks.nn.Linear(4, 2).train(), WISH, "the model is in training mode"),
        (lambda networks: {"weights": 1}, WISH, "model_fn returned a dict"),
        (lambda networks: networks.linear(), "4,x", "SAGEHEN_ONNX is '4,x', not a shape"),
        (lambda networks: networks.linear(), "0", "SAGEHEN_ONNX is '0', not a shape"),
        (lambda networks: networks.linear(), "99999,99999,99999", "SAGEHEN_ONNX names an input of"),
        (lambda networks: networks.linear(), "9" * 5000, "SAGEHEN_ONNX is '999"),
        (
            lambda networks: networks.linear(),
            "5",
            "the model does not answer the inputs: RuntimeError: mat1 and mat2",
        ),
    ],
)
def test_it_stays_on_pytorch_and_says_why(
    tmp_path: Path, networks: ModuleType, make: Callable[[ModuleType], Any], wish: str, reason: str
) -> None:
    log = Log()
    model = make(networks)
    assert served(model, tmp_path, wish, None, log.append) is model
    assert log.line.startswith(f"sagehen: served by PyTorch, not by ONNX Runtime: {reason}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wish", ["", "off", "OFF"])
def test_nothing_happens_unasked(tmp_path: Path, networks: ModuleType, wish: str) -> None:
    log = Log()
    own = networks.network()
    hook = Hook(lambda model: networks.torch.zeros(2, 4), takes_context=False) if wish else None
    assert served(own, tmp_path, wish, hook, log.append) is own
    assert not log


@pytest.mark.parametrize("package", ["onnxruntime", "onnx"])
def test_a_package_that_is_not_there_is_named(
    tmp_path: Path, networks: ModuleType, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    log = Log()
    own = networks.network()
    assert served(own, tmp_path, WISH, None, log.append) is own
    assert f"{package} is not installed (pip install 'sagehen[onnx]'" in log.line


def test_an_export_is_made_once_and_anew_for_other_weights(tmp_path: Path, networks: ModuleType) -> None:
    served(networks.network(), tmp_path, WISH, None, print)
    first = (tmp_path / FILE).stat()
    served(networks.network(), tmp_path, WISH, None, print)
    assert (tmp_path / FILE).stat().st_ino == first.st_ino
    other = networks.network(seed=1)
    model = served(other, tmp_path, WISH, None, print)
    assert (tmp_path / FILE).stat().st_ino != first.st_ino
    batch = networks.torch.randn(3, 4)
    assert networks.torch.allclose(model(batch), other(batch), atol=1e-5)


def test_an_export_that_cannot_be_kept_leaves_nothing(
    tmp_path: Path, networks: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    log = Log()
    own = networks.network()
    model = served(own, tmp_path / "not there", WISH, None, log.append)
    assert "served by ONNX Runtime" in log.line
    assert not list(tmp_path.iterdir())
    batch = networks.torch.randn(3, 4)
    assert model is not own and networks.torch.allclose(model(batch), own(batch), atol=1e-5)
    del log[:]
    noisy = networks.Noisy().eval()
    assert served(noisy, tmp_path / "not there", WISH, None, log.append) is noisy
    assert "its answers differ by " in log.line


def test_inputs_that_the_script_fails_to_name_are_no_reason_not_to_serve(
    tmp_path: Path, networks: ModuleType
) -> None:
    def fail(model: Any) -> Any:
        raise KeyError("shape")

    log = Log()
    own = networks.network()
    assert served(own, tmp_path, "", Hook(fail, takes_context=False), log.append) is own
    assert log.line.endswith("onnx_inputs_fn failed: KeyError: 'shape'")


def test_a_kept_file_that_is_none_is_replaced(tmp_path: Path, networks: ModuleType) -> None:
    (tmp_path / FILE).write_bytes(b"hostile")
    log = Log()
    served(networks.network(), tmp_path, WISH, None, log.append)
    assert "served by ONNX Runtime" in log.line


def test_the_script_names_inputs_and_what_differs_from_them_is_pytorchs(
    tmp_path: Path, networks: ModuleType
) -> None:
    log = Log()
    own = networks.Counted(4, 2).eval()
    hook = Hook(lambda model: [networks.torch.ones(1, 4), networks.torch.zeros(3, 4)], takes_context=False)
    model = served(own, tmp_path, "", hook, log.append)
    assert "served by ONNX Runtime" in log.line
    before = own.asked
    model(networks.torch.randn(5, 4))
    assert own.asked == before
    model(networks.torch.randn(5, 7, 4))  # another shape
    model(networks.torch.randn(2, 4, requires_grad=True))
    assert own.asked == before + 2
    assert model.in_features == 4  # whatever else the script asks its model


def test_an_answer_that_depends_on_the_batch_is_compared_for_several(
    tmp_path: Path, networks: ModuleType
) -> None:
    log = Log()
    own = networks.Sized().eval()
    model = served(own, tmp_path, WISH, None, log.append)
    batch = networks.torch.randn(9, 4)
    assert networks.torch.allclose(model(batch), own(batch), atol=1e-5)


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")
def test_the_server_says_which_one_serves(start_server: Any, networks: ModuleType) -> None:
    def prepare(folder: Path) -> None:
        networks.torch.jit.script(networks.network()).save(str(folder / "model.pt"))

    server = start_server(None, prepare=prepare, SAGEHEN_FRAMEWORK="pytorch", SAGEHEN_ONNX=WISH)
    status, _, body = server.invoke("[[1, 2, 3, 4]]")
    assert status == 200 and b"[[" in body
    assert server.log().count("sagehen: served by ONNX Runtime") == 1
