"""AWS's own container toolkits from PyPI beside ours, on the same inputs.

They need an environment of their own and half a minute to install: set SAGEHEN_AWS_TOOLKITS to a folder for
it, which is made at the first run and used again. What differs on purpose stands in
`docs/architecture/6-training.md` and `7-serving.md`. The scikit-learn container's toolkit is not published.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

_FOLDER = os.environ.get("SAGEHEN_AWS_TOOLKITS")
pytestmark = [
    pytest.mark.skipif(_FOLDER is None, reason="SAGEHEN_AWS_TOOLKITS names no folder for AWS's toolkits"),
    pytest.mark.timeout(600),
]
_PACKAGES = (
    "sagemaker-training==5.1.4", "sagemaker-pytorch-training==3.0.0", "sagemaker-pytorch-inference==2.0.25",
)  # fmt: skip


@pytest.fixture(scope="module")
def aws_python() -> Path:
    folder = Path(str(_FOLDER))
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    probe = [
        str(python),
        "-c",
        "import sagemaker_pytorch_container, sagemaker_pytorch_serving_container.serving",
    ]
    if (
        b"ModuleNotFoundError: No module named 'sagemaker"
        in subprocess.run(probe, capture_output=True).stderr
    ):
        made = subprocess.run(
            [str(python), "-m", "pip", "install", "-q", *_PACKAGES], capture_output=True, text=True
        )
        if made.returncode:
            pytest.skip(f"AWS's toolkits cannot be installed here: {made.stderr.strip()[-300:]}")
    return python


# --- training ------------------------------------------------------------------------------------

_TELL = """
import json, os, sys
seen = {k: v for k, v in os.environ.items() if k.startswith(("SM_", "NCCL_", "MASTER_"))}
print("SEEN " + json.dumps([sys.argv[1:], os.getcwd(), sorted(os.listdir()), seen]))
"""
# What this machine or version has, and what is ours: `local` details, not the contract.
_OWN = {"SM_NUM_CPUS", "SM_DLC_TORCH_VERSION", "SM_FRAMEWORK_MODULE", "SM_TRAINING_ENV", "SM_RESOURCE_CONFIG"}


def _train(
    python: Path | str, module: list[str], base: Path, files: dict[str, str], own: dict[str, Any]
) -> Any:
    for name in ("input/config", "input/data/train", "model", "output/data", "channel"):
        (base / name).mkdir(parents=True)
    for name, text in files.items():
        path = base / "channel" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    given = {"sagemaker_submit_directory": json.dumps(str(base / "channel")), **own}
    (base / "input/config/hyperparameters.json").write_text(json.dumps(given))
    (base / "input/config/inputdataconfig.json").write_text(
        json.dumps({"train": {"TrainingInputMode": "File"}})
    )
    group = {"instance_group_name": "g", "instance_type": "ml.m5.large", "hosts": ["algo-1"]}
    other = {"instance_group_name": "h", "instance_type": "ml.c5.large", "hosts": []}
    resources = {
        "current_host": "algo-1", "hosts": ["algo-1"], "current_instance_type": "ml.m5.large",
        "current_group_name": "g", "instance_groups": [group, other], "network_interface_name": "lo",
    }  # fmt: skip
    (base / "input/config/resourceconfig.json").write_text(json.dumps(resources))
    environment = {
        "PATH": f"{Path(python).parent}:{os.environ['PATH']}", "SAGEMAKER_BASE_DIR": str(base),
        "HOME": str(base),
        "TRAINING_JOB_NAME": "job", "SM_STUDIO_LOCAL_MODE": "true", "AWS_REGION": "us-east-1",
        "SAGEMAKER_TRAINING_MODULE": "sagemaker_pytorch_container.training:main", "USE_SMDEBUG": "0",
    }  # fmt: skip
    ran = subprocess.run(
        [str(python), *module], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    failure = base / "output" / "failure"
    (base / "code").mkdir(exist_ok=True)
    lines = [line for line in ran.stdout.splitlines() if line.startswith("SEEN ")]
    told = json.loads(lines[-1].removeprefix("SEEN ").replace(str(base), "/opt/ml")) if lines else None
    return (
        ran.returncode,
        told,
        failure.read_text() if failure.exists() else None,
        (base / "output" / "success").exists(),
        ran.stderr + ran.stdout,
    )


@pytest.mark.parametrize(
    ("files", "own"),
    [
        ({"train.py": _TELL}, {"sagemaker_program": '"train.py"', "a": "1", "lr": '"0.1"', "none": "null",
                               "list": "[1, 2]", "map": '{"b": 1, "a": 2}', "raw": "x y"}),
        ({"lib/train.py": _TELL, "lib/other.py": ""},
         {"sagemaker_program": '"lib/train.py"', "sagemaker_distribution_instance_groups": '["g"]'}),
        ({"train.py": "import sys; sys.exit(3)"}, {"sagemaker_program": '"train.py"'}),
        ({"train.py": "raise ValueError('no such class')"}, {"sagemaker_program": '"train.py"'}),
        ({"run.sh": "#!/bin/sh\necho \"$@\"; exit 4\n", "requirements.txt": "no-such-package==9"},
         {"sagemaker_program": '"run.sh"', "name": '"a b"'}),
        ({"train.py": _TELL}, {"sagemaker_program": '"../train.py"'}),
        ({"train.py": "import os\nopen(os.environ['SM_OUTPUT_DIR'] + '/failure', 'w').write('mine')\n1 / 0"},
         {"sagemaker_program": '"train.py"'}),
    ],
)  # fmt: skip
def test_training_is_as_in_aws_s_container(
    aws_python: Path, tmp_path: Path, files: dict[str, str], own: dict[str, Any]
) -> None:
    theirs = _train(aws_python, ["-m", "sagemaker_training.cli.train"], tmp_path / "theirs", files, own)
    ours = _train(sys.executable, ["-m", "sagehen.trainingtoolkit"], tmp_path / "ours", files, own)
    assert ours[0] == theirs[0], theirs[4] + ours[4]
    assert ours[3] == theirs[3]  # the success file
    if theirs[1] is None:
        assert ours[1] is None
    else:
        assert ours[1][:3] == theirs[1][:3]
        different = {
            name: (ours[1][3].get(name), value)
            for name, value in theirs[1][3].items()
            if name not in _OWN and ours[1][3].get(name) != value
        }
        assert not different
    if theirs[2] is None:
        assert ours[2] is None
    elif theirs[2].startswith("ExecuteUserScriptError"):
        exit_line = re.compile(r"ExitCode \d+")
        assert exit_line.findall(ours[2] or "") == exit_line.findall(theirs[2])
    else:
        assert ours[2] is not None and (theirs[2] != "mine" or ours[2] == "mine")


# --- serving -------------------------------------------------------------------------------------

_THEIRS = """
import base64, json, os, sys
from sagemaker_inference.transformer import Transformer
from sagemaker_pytorch_serving_container import default_pytorch_inference_handler as handlers
class Context:
    def __init__(self, headers):
        self.system_properties, self.headers, self.status = {"model_dir": sys.argv[1]}, headers, 200
        self.request_processor, self.model_name = [self], "model"
    def get_request_properties(self): return self.headers
    def set_response_content_type(self, index, value): self.type = value
    def set_response_status(self, code, phrase): self.status = code
transformer = Transformer(handlers.DefaultPytorchInferenceHandler())
answers = []
for body, headers in json.loads(sys.stdin.read()):
    context = Context(headers)
    (answer,) = transformer.transform([{"body": base64.b64decode(body)}], context)
    raw = answer if isinstance(answer, bytes) else answer.encode()
    answers.append([context.status, base64.b64encode(raw).decode()])
print("ANSWERS " + json.dumps(answers))
"""


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_pytorch_answers_are_as_in_aws_s_container(aws_python: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    import base64

    import numpy as np

    from sagehen.modelserver.hooks.handler import Handler
    from sagehen.modelserver.messages import Call
    from sagehen.modelserver.settings import Settings

    module = torch.jit.ScriptModule()
    module.define("def forward(self, x):\n    return x * 2\n")
    torch.jit.save(module, str(tmp_path / "weights.pth"))
    npy = io.BytesIO()
    np.save(npy, np.ones((2, 2), dtype=np.float32))
    json_type, csv, npy_type = "application/json", "text/csv", "application/x-npy"
    requests = [
        (b"[[1, 2], [3, 4]]", json_type, "application/json"), (b"[[1, 2]]", json_type, "text/csv"),
        (b"1,2\n3,4", csv, "*/*"),
        (npy.getvalue(), npy_type, npy_type), (b"[[1]]", json_type, "a/b, text/csv"),
        (b"[1, ", json_type, json_type), (b"\xff", json_type, json_type), (b"x", "image/png", json_type),
        (b"[1]", json_type, "image/png"), (b"[1]", "application/json; charset=utf-8", json_type),
        (b"nothing", npy_type, json_type), (b"[[1, 2], [3]]", json_type, json_type),
    ]  # fmt: skip
    sent = [
        (base64.b64encode(body).decode(), {"Content-Type": kind, "Accept": accept})
        for body, kind, accept in requests
    ]
    site = next((aws_python.parent.parent / "lib").glob("python3*/site-packages"))
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.append({str(site)!r})\n{_THEIRS}", str(tmp_path)],
        input=json.dumps(sent), capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path,
    )  # fmt: skip
    lines = [line for line in run.stdout.splitlines() if line.startswith("ANSWERS ")]
    assert lines, run.stderr
    theirs = json.loads(lines[-1].removeprefix("ANSWERS "))
    handler = Handler(Settings(model_dir=tmp_path, code_dir=tmp_path / "none", framework="pytorch"))
    for (body, kind, accept), (status, encoded) in zip(requests, theirs, strict=True):
        (answer,) = handler.handle([Call(body, {"content-type": kind, "accept": accept})])
        assert answer.status == status, (body, kind, accept, answer.body, base64.b64decode(encoded))
        if status == 200:
            assert answer.body == base64.b64decode(encoded), (body, kind, accept)
