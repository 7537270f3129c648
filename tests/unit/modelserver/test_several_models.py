"""Several models behind one server, over its socket."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sagehen.modelserver.multimodel.memory import has_room

MIB = 2**20
CODE = """
    import json, os
    def model_fn(folder):
        text = open(os.path.join(folder, "weights.json")).read()
        return json.loads(text)["factor"]
    def input_fn(body, content_type):
        return json.loads(body)
    def predict_fn(data, factor):
        if data == "die":
            os._exit(3)
        return [x * factor for x in data] + [os.getpid()]
"""


@pytest.mark.parametrize(
    ("total", "held", "need", "expected"),
    [
        (0, [10**12], 10**12, True),
        (1024 * MIB, [200 * MIB] * 3, 200 * MIB, True),
        (1024 * MIB, [200 * MIB] * 4, 200 * MIB, False),
        (1024 * MIB, [], 1024 * MIB, False),
    ],
)
def test_whether_one_more_model_fits(total: int, held: list[int], need: int, expected: bool) -> None:
    assert has_room(total, held, need) is expected


def put(models: Path, name: str, weights: str, code: str | None = CODE) -> None:
    import textwrap

    (models / name / "code").mkdir(parents=True)
    (models / name / "weights.json").write_text(weights)
    if code is not None:
        (models / name / "code" / "inference.py").write_text(textwrap.dedent(code))


def test_models_come_and_go_by_the_contract(start_server: Any, tmp_path: Path) -> None:
    models = tmp_path / "models"
    for name, weights in {"two": '{"factor": 2}', "ten": '{"factor": 10}', "bad": "{", "more": "1"}.items():
        put(models, name, weights)
    (models / "more" / "large").write_bytes(b"")
    os.truncate(models / "more" / "large", 400 * MIB)  # a hole: it counts as what a reader would see
    server = start_server(
        None, SAGEMAKER_MULTI_MODEL="true", SAGEHEN_MODELS_DIR=str(models), SAGEHEN_MEMORY_MIB="300"
    )

    def ask(method: str, path: str, told: Any = None) -> tuple[int, Any]:
        body = None if told is None else json.dumps(told).encode()
        status, _, answer = server.request(method, path, body, {"content-type": "application/json"})
        return status, json.loads(answer) if answer.strip() else None

    def load(name: str, url: str | None = None) -> int:
        told = {"model_name": name, "url": url or f"/opt/ml/models/{name}"}
        return ask("POST", "/models", told)[0]

    assert ask("GET", "/models") == (200, {"models": []})
    assert (load("two"), load("ten"), load("two")) == (200, 200, 409)
    first = ask("POST", "/models/two/invoke", [1, 2])[1]
    other = ask("POST", "/models/ten/invoke", [1, 2])[1]
    assert (first[:2], other[:2]) == ([2, 4], [10, 20])
    assert first[2] != other[2]  # each in a process of its own
    # What kills one leaves the other alone, and the model comes back.
    assert server.request("POST", "/models/two/invoke", b'"die"')[0] == 503
    assert ask("POST", "/models/ten/invoke", [1])[1] == [10, other[2]]
    assert ask("POST", "/models/two/invoke", [1])[1][0] == 2
    assert load("bad") == 500 and "JSONDecodeError" in server.log()
    assert load("more") == 507
    assert load("gone") == 400 and load("x", "/opt/ml/models/../../etc") == 400 and load("../etc") == 400
    assert ask("GET", "/models/two") == (200, {"modelName": "two", "modelUrl": "/opt/ml/models/two"})
    assert [ask("DELETE", f"/models/{name}")[0] for name in ("two", "two", "bad")] == [200, 404, 404]
    assert ask("POST", "/models/two/invoke", [1])[0] == 404
    assert [one["modelName"] for one in ask("GET", "/models")[1]["models"]] == ["ten"]
    assert server.request("POST", "/invocations", b"[1]")[0] == 404
