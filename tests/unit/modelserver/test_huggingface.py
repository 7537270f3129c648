"""Hugging Face's default hooks around a pipeline that says what it was given, without transformers."""

from __future__ import annotations

import io
import json
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sagehen.modelserver.hooks import huggingface_defaults
from sagehen.modelserver.hooks.handler import Handler
from sagehen.modelserver.hooks.huggingface_defaults import NoTask, task_of
from sagehen.modelserver.messages import Call
from sagehen.modelserver.settings import Settings

Made = Callable[..., Handler]


@pytest.fixture
def handler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """Yield what makes the handler of a model folder with a config.json; its pipeline is `answer`."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "config.json").write_text('{"architectures": ["BertForSequenceClassification"]}')
    monkeypatch.setattr(huggingface_defaults, "_device", lambda: -1)

    def make(answer: Callable[..., Any], made: list[Any] | None = None) -> Handler:
        def pipeline(*arguments: Any, **options: Any) -> Any:
            if made is not None:
                made.append((*arguments, options))
            return answer

        transformers = types.ModuleType("transformers")
        transformers.pipeline = pipeline  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "transformers", transformers)
        return Handler(Settings(model_dir=tmp_path, code_dir=tmp_path / "code", framework="huggingface"))

    yield make
    # A script stays imported, in this process: the recipe's own has the same name.
    sys.modules.pop("inference", None)


def asked(handler: Handler, body: bytes, content_type: str = "application/json", accept: str = "") -> Any:
    headers = {"accept": accept} if accept else {}
    (answer,) = handler.handle([Call(body, {"content-type": content_type, **headers})])
    return answer


def told(inputs: Any, **parameters: Any) -> Any:
    return [{"inputs": inputs, **parameters}]


def test_the_pipeline_is_what_the_model_or_the_variables_say(
    handler: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    handler(told, made)
    monkeypatch.setenv("HF_TASK", "fill-mask")
    handler(told, made)
    monkeypatch.delenv("HF_TASK")
    monkeypatch.setenv("HF_MODEL_ID", "org/model")
    monkeypatch.setenv("HF_MODEL_REVISION", "r1")
    monkeypatch.setenv("HF_TRUST_REMOTE_CODE", "True")
    handler(told, made)
    here = {"model": str(tmp_path), "device": -1, "trust_remote_code": False}
    assert made[:2] == [("text-classification", here), ("fill-mask", here)]
    hub = {"model": "org/model", "device": -1, "trust_remote_code": True, "revision": "r1", "token": None}
    assert made[2] == (None, hub)


@pytest.mark.parametrize(
    ("config", "task"),
    [
        ('{"architectures": ["DistilBertForTokenClassification"]}', "token-classification"),
        ('{"architectures": ["TapasForQuestionAnswering"]}', "question-answering"),
        ('{"architectures": ["GPT2LMHeadModel"]}', "text-generation"),
        ('{"architectures": ["ViTForImageClassification"]}', "set HF_TASK"),
        ("{}", "set HF_TASK"),
        (None, "no config.json"),
    ],
)
def test_a_task_is_read_from_the_architecture(tmp_path: Path, config: str | None, task: str) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    if " " not in task:
        assert task_of(tmp_path) == task
        return
    with pytest.raises(NoTask, match=task):
        task_of(tmp_path)


@pytest.mark.parametrize(
    ("body", "content_type", "answer"),
    [
        (b'{"inputs": "ok"}', "application/json", [{"inputs": "ok"}]),
        (b'{"inputs": ["a"], "parameters": {"top_k": 2}}', "application/json",
         [{"inputs": ["a"], "top_k": 2}]),
        # Without `inputs` all of it is what the pipeline takes.
        (b'{"question": "q", "parameters": {"top_k": 2}}', "application/json",
         [{"inputs": {"question": "q"}, "top_k": 2}]),
        (b"inputs\r\none\r\ntwo\r\n", "text/csv", [{"inputs": ["one", "two"]}]),
        (b"question,context\nq,c\n", "text/csv", [{"inputs": [{"question": "q", "context": "c"}]}]),
    ],
)  # fmt: skip
def test_bodies_become_inputs_and_parameters(
    handler: Made, body: bytes, content_type: str, answer: Any
) -> None:
    found = asked(handler(told), body, content_type)
    assert (found.status, json.loads(found.body)) == (200, answer)


def test_pictures_and_sounds_are_inputs(handler: Made) -> None:
    drawn = io.BytesIO()
    Image.new("RGBA", (3, 2), (255, 0, 0, 255)).save(drawn, "PNG")
    sizes = handler(lambda inputs: {"size": inputs.size, "mode": inputs.mode})
    found = json.loads(asked(sizes, drawn.getvalue(), "image/x-image").body)
    assert found == {"size": [3, 2], "mode": "RGB"}
    assert json.loads(asked(handler(len), b"RIFF", "audio/wave").body) == 4


def test_answers_are_json_csv_npy_or_a_picture(handler: Made) -> None:
    scores = [{"label": "gut", "score": np.float32(0.5)}, {"label": "größer", "score": np.float32(0.25)}]
    model = handler(lambda inputs: scores)
    body = b'{"inputs": ""}'
    told = asked(model, body)
    assert told.body == '[{"label":"gut","score":0.5},{"label":"größer","score":0.25}]'.encode()
    assert asked(model, body, accept="text/csv").body.decode() == "label,score\r\ngut,0.5\r\ngrößer,0.25\r\n"
    array = asked(handler(lambda inputs: np.ones((2, 2))), body, accept="application/x-npy")
    assert np.load(io.BytesIO(array.body)).tolist() == [[1, 1], [1, 1]]
    drawn = asked(handler(lambda inputs: Image.new("RGB", (3, 2))), body, accept="image/x-image")
    assert (drawn.content_type, Image.open(io.BytesIO(drawn.body)).format) == ("image/x-image", "PNG")


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "words"),
    [
        (b"[1]", "application/json", "", "has to be an object"),
        (b"{", "application/json", "", "Expecting property name"),
        (b"1,2\n", "text/csv", "", "correct CSV with Header columns"),
        (b"?", "image/png", "", "cannot identify image file"),
        (b"?", "application/x-npy", "", "Content type application/x-npy is not supported"),
        (b'{"inputs": 1}', "application/json", "text/html", "Accept type text/html is not supported"),
        (b'{"inputs": 1}', "application/json", "text/csv", "Accept type text/csv is not supported"),
        (b'{"inputs": 1, "parameters": {"none": 1}}', "application/json", "", "unexpected keyword"),
    ],
)
def test_all_that_goes_wrong_is_400_in_the_server_s_form(
    handler: Made, body: bytes, content_type: str, accept: str, words: str
) -> None:
    found = asked(handler(lambda inputs: inputs), body, content_type, accept)
    answer = json.loads(found.body)
    assert (found.status, answer["code"], answer["type"]) == (400, 400, "InternalServerException")
    assert words in answer["message"]


def test_hooks_of_a_script_take_the_place_of_the_pipeline(handler: Made, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "inference.py").write_text(
        "def model_fn(model_dir): return 3\n"
        "def predict_fn(data, model):\n"
        "    if data['inputs'] < 0: raise ValueError('too cold')\n"
        "    return {'times': data['inputs'] * model}\n"
    )
    model = handler(told)
    assert asked(model, b'{"inputs": 2}').body == b'{"times":6}'
    failed = asked(model, b'{"inputs": -1}')
    assert (failed.status, json.loads(failed.body)["message"]) == (400, "too cold")
