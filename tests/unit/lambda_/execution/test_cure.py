"""What is said of a module that a function does not find."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.execution.contract import FunctionVersion
from sagehen.services.lambda_.execution.cure import cure, missing_module


def _function(code: Path, *, runtime: str = "python3.12", layers: tuple[Path, ...] = ()) -> FunctionVersion:
    return FunctionVersion(
        scope=Scope("111122223333", "us-east-1"),
        function_name="f",
        version="$LATEST",
        revision="1",
        arn="arn:aws:lambda:us-east-1:111122223333:function:f",
        role_arn="arn:aws:iam::111122223333:role/r",
        runtime=runtime,
        handler="app.handler",
        code_folder=code,
        layer_folders=layers,
    )


@pytest.mark.parametrize(
    ("message", "module"),
    [
        ("Unable to import module 'app': No module named 'numpy'", "numpy"),
        ("No module named 'numpy._core._multiarray_umath'", "numpy._core._multiarray_umath"),
        ("No module named '$(reboot)'", None),
        ("No module named '" + "a" * 300 + "'", None),
        ("something else", None),
        (["No module named 'numpy'"], None),
    ],
)
def test_the_module_is_read_from_the_error(message: object, module: str | None) -> None:
    assert missing_module(json.dumps({"errorMessage": message}).encode()) == module
    assert missing_module(b"No module named 'numpy'") is None


def test_what_to_do_depends_on_what_the_package_has(tmp_path: Path) -> None:
    code, layer = tmp_path / "code", tmp_path / "layer"
    (code / "folder").mkdir(parents=True)
    (layer / "python" / "cv2").mkdir(parents=True)
    told = cure("app", _function(code))
    assert told is not None and "has no app.py at its root (it has: folder): zip what is in" in told
    (code / "app.py").write_text("")
    told = cure("sklearn.svm", _function(code, layers=(layer,)))
    assert told is not None and told.startswith("python3.12 has boto3, botocore and Python's own library")
    assert "--python-version 3.12" in told and told.count("scikit-learn") == 1
    told = cure("cv2.cv2", _function(code, layers=(layer,)))
    assert told is not None and told.startswith("the package or a layer has cv2, but not all of it")
    assert cure("numpy", _function(code, runtime="provided.al2023")) is None
