"""Hugging Face's default hooks: a pipeline of transformers, as its container makes one without a script."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sagehen.modelserver.hooks import content
from sagehen.modelserver.hooks.errors import BadInput, UnsupportedAccept, UnsupportedContentType, as_mms

# Of an architecture's end -> the task that its pipeline does; the last one that fits counts.
_TASKS = {
    "TapasForQuestionAnswering": "table-question-answering",
    "ForQuestionAnswering": "question-answering",
    "ForTokenClassification": "token-classification",
    "ForSequenceClassification": "text-classification",
    "ForMultipleChoice": "multiple-choice",
    "ForMaskedLM": "fill-mask",
    "ForCausalLM": "text-generation",
    "ForConditionalGeneration": "text2text-generation",
    "MTModel": "text2text-generation",
    "EncoderDecoderModel": "text2text-generation",
    "GPT2LMHeadModel": "text-generation",
    "T5WithLMHeadModel": "text2text-generation",
}
_IMAGES = ("jpeg", "png", "tiff", "bmp", "gif", "webp", "x-image")
_SOUNDS = ("audio/x-flac", "audio/mpeg", "audio/wave", "audio/ogg", "audio/x-audio")
# Tasks whose inputs have parts of their own, which a row of a table has not.
_NOT_IN_CSV = ("zero-shot-classification", "table-question-answering")
_CSV_HEADERS = ("question", "context", "inputs")


class NoTask(ValueError):
    """Nothing says what the model is for."""


class HuggingFaceDefaults:
    """The Hugging Face container's: what HF_TASK or the model's architecture says, on `{"inputs": ...}`.

    Source: `sagemaker-huggingface-inference-toolkit` 2.6.0. Where that stumbles over a body (a JSON list, an
    array of NumPy's) the status is its, the words are not. Not here: Inferentia; pictures by diffusers.
    """

    name = "huggingface"
    # All that goes wrong is 400 there, the user's own exceptions, too.
    statuses: Mapping[type[Exception], int] = {Exception: 400}

    @staticmethod
    def failure(message: str, status: int) -> tuple[bytes, str]:
        """Return the Multi Model Server's JSON."""
        return as_mms(message, status)

    def load_model(self, model_dir: Path) -> Any:
        """Make the pipeline of HF_MODEL_ID, fetched from the hub, else of the model folder.

        Raises:
            NoTask: It cannot be told what the model is for.
        """
        from transformers import pipeline

        hub = os.environ.get("HF_MODEL_ID")
        options: dict[str, Any] = {}
        if hub:
            options = {
                "revision": os.environ.get("HF_MODEL_REVISION"),
                "token": os.environ.get("HF_API_TOKEN") or os.environ.get("HF_TOKEN"),
            }
        task = os.environ.get("HF_TASK") or (None if hub else task_of(model_dir))
        return pipeline(
            task,
            model=hub or str(model_dir),
            device=_device(),
            trust_remote_code=_is_true(os.environ.get("HF_TRUST_REMOTE_CODE", "")),
            **options,
        )

    def decode(self, data: str | bytes, content_type: str) -> Any:
        """Return a dictionary with `inputs`, or what a JSON body holds."""
        if content_type == content.JSON:
            try:
                found = json.loads(data)
            except ValueError as error:
                raise BadInput(str(error)) from error
            if not isinstance(found, dict):
                raise BadInput('A JSON body has to be an object, such as {"inputs": ...}.')
            return found
        if content_type == content.CSV:
            task = os.environ.get("HF_TASK")
            if task in _NOT_IN_CSV:
                raise BadInput(
                    f"content type {content_type} not support with {task}, use different content_type"
                )
            return {"inputs": _rows(data if isinstance(data, str) else data.decode())}
        kind, _, form = content_type.partition("/")
        if kind == "image" and form in _IMAGES:
            return {"inputs": _image(data)}
        if content_type in _SOUNDS:
            return {"inputs": data}
        raise UnsupportedContentType(content_type)

    def predict(self, data: Any, model: Any) -> Any:
        """Call the pipeline with `inputs`, or all there is, and with `parameters`."""
        data = {**data}
        inputs = data.pop("inputs", data)
        parameters = data.pop("parameters", None)
        return model(inputs) if parameters is None else model(inputs, **parameters)

    def encode(self, prediction: Any, accept: str) -> tuple[bytes, str]:
        """Return JSON, CSV of a list of dictionaries, NPY, or an image."""
        for wanted in accept.split(","):
            kind = content.media_type(wanted)
            main, _, form = kind.partition("/")
            if kind in (content.JSON, content.ANY, ""):
                text = json.dumps(
                    prediction, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
                )
                return text.encode(), content.JSON
            if kind == content.CSV:
                return _table(prediction), content.CSV
            if kind == content.NPY:
                return content.encode(prediction, content.NPY)
            if main == "image" and form in _IMAGES:
                made = io.BytesIO()
                prediction.save(made, format="PNG" if form == "x-image" else form.upper())
                return made.getvalue(), kind
        raise UnsupportedAccept(accept)


def task_of(model_dir: Path) -> str:
    """Return what a saved model is for, by the architecture in its config.json.

    Raises:
        NoTask
    """
    path = model_dir / "config.json"
    if not path.is_file():
        raise NoTask(
            f"There is no config.json in the model, and no environment variable HF_TASK. Files: "
            f"{sorted(file.name for file in model_dir.iterdir())[:20]}"
        )
    architecture = (json.loads(path.read_text()).get("architectures") or [""])[0]
    found = [task for end, task in _TASKS.items() if architecture.endswith(end)]
    if not found:
        raise NoTask(f"The task of {architecture or 'this model'} is not known: set HF_TASK.")
    return found[-1]


def _device() -> int:
    import torch

    return 0 if torch.cuda.is_available() else -1


def _is_true(text: str) -> bool:
    return text.lower() in ("y", "yes", "t", "true", "on", "1")


def _rows(text: str) -> list[Any]:
    first = text.split("\n", 1)[0].lower()
    if not any(header in first for header in _CSV_HEADERS):
        raise BadInput(
            "You need to provide the correct CSV with Header columns to use it with the inference toolkit "
            "default handler."
        )
    rows = list(csv.DictReader(io.StringIO(text)))
    return [row["inputs"] for row in rows] if rows and "inputs" in rows[0] else rows


def _image(data: str | bytes) -> Any:
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(io.BytesIO(data if isinstance(data, bytes) else data.encode())).convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise BadInput(str(error)) from error


def _table(prediction: Any) -> bytes:
    if not (isinstance(prediction, list) and prediction and all(isinstance(row, dict) for row in prediction)):
        raise UnsupportedAccept(content.CSV)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(prediction[0]))
    writer.writeheader()
    writer.writerows(prediction)
    return stream.getvalue().encode()


def _plain(value: Any) -> Any:
    if hasattr(value, "save") and hasattr(value, "getbands"):  # an image of PIL's
        picture = io.BytesIO()
        value.save(picture, format="PNG")
        return base64.b64encode(picture.getvalue()).decode()
    if isinstance(value, datetime):
        return str(value)
    made = content.plain(value)
    if made is value:
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return made
