"""Serves a trained classifier: SageMaker's four hooks, and one more for batches.

Takes image/jpeg, image/png, application/x-image (bytes), or application/json:
`{"image": base64}`, `{"instances": [base64 or {"image": base64} or {"url": ...}, ...]}`, `{"url": ...}`.
Answers application/json: `{"predictions": [{"class", "probability", "top": [...]}, ...]}`, one for
each image; `application/json;scores` gives every class's raw score, text/csv the same as rows.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from augmentation import normalise
from images import decode_image
from network import Description, load_model
from torch import Tensor, nn

_BYTES_TYPES = ("image/jpeg", "image/jpg", "image/png", "application/x-image", "application/octet-stream")
_TOP = 5
_MAX_IMAGES = 256
_MAX_URL_BYTES = 10 * 2**20
_URL_TIMEOUT_S = 5.0
# Hosts, or URL prefixes that end with `/`, separated by commas: the only ones that are fetched.
_ALLOWLIST = "SAGEHEN_URL_ALLOWLIST"

# input_fn is not given the model, yet must know how large images are wanted. One process serves
# one model, so model_fn leaves the size here.
_stored_size = 256


class BadRequest(ValueError):
    """What the caller sent cannot be used. The model server answers with this status."""

    status_code = 400


class UnsupportedType(ValueError):
    status_code = 415


@dataclass
class Classifier:
    network: nn.Module
    description: Description
    device: torch.device


@dataclass
class Prediction:
    """Scores of the images of one request, and the classes that they are for."""

    scores_NC: Tensor
    classes: list[str]


def model_fn(model_dir: str) -> Classifier:
    """Load a model and run it once, so that the first caller does not wait for first-time costs."""
    global _stored_size
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network, description = load_model(Path(model_dir))
    network.to(device, memory_format=torch.channels_last)
    _stored_size = description.stored_size
    classifier = Classifier(network, description, device)
    size = description.stored_size
    predict_fn(torch.zeros(1, 3, size, size, dtype=torch.uint8), classifier)
    return classifier


def input_fn(body: bytes | str, content_type: str) -> Tensor:
    """Return images as uint8 of shape (N, 3, stored size, stored size).

    Raises:
        BadRequest, NotAnImage: With the reason.
        UnsupportedType: Another content type.
    """
    kind = content_type.split(";")[0].strip().lower()
    if kind in _BYTES_TYPES:
        encoded = [body.encode("latin-1") if isinstance(body, str) else bytes(body)]
    elif kind == "application/json":
        encoded = _from_json(body)
    else:
        raise UnsupportedType(
            f"Content type {content_type} is not supported:"
            f" send {', '.join(_BYTES_TYPES[:4])} or application/json."
        )
    return torch.stack([_to_tensor(data) for data in encoded])


def predict_batch_fn(inputs: list[Tensor], classifier: Classifier) -> list[Prediction]:
    """Classify the images of several requests in one pass through the network."""
    images_NCHW = torch.cat(inputs) if len(inputs) > 1 else inputs[0]
    with torch.inference_mode():
        size = classifier.description.image_size
        scores_NC = classifier.network(normalise(images_NCHW, size, classifier.device)).float().cpu()
    parts = scores_NC.split([len(images) for images in inputs])
    return [Prediction(part_NC, classifier.description.classes) for part_NC in parts]


def predict_fn(images_NCHW: Tensor, classifier: Classifier) -> Prediction:
    return predict_batch_fn([images_NCHW], classifier)[0]


def output_fn(prediction: Prediction, accept: str) -> str | tuple[str, str]:
    """Encode: see the module's text. An unknown Accept gets the usual JSON."""
    wanted = accept.replace(" ", "").lower()
    if wanted.startswith("text/csv"):
        stream = io.StringIO()
        np.savetxt(stream, prediction.scores_NC.numpy(), delimiter=",", fmt="%.6g")
        return stream.getvalue(), "text/csv"
    if wanted.startswith("application/json;scores"):
        scores = {"classes": prediction.classes, "scores": prediction.scores_NC.tolist()}
        return json.dumps(scores), "application/json"
    probabilities_NC = prediction.scores_NC.softmax(dim=1)
    top = probabilities_NC.topk(min(_TOP, len(prediction.classes)), dim=1)
    predictions = []
    for values, indices in zip(top.values.tolist(), top.indices.tolist(), strict=True):
        ranked = [
            {"class": prediction.classes[index], "probability": round(value, 6)}
            for value, index in zip(values, indices, strict=True)
        ]
        predictions.append({**ranked[0], "top": ranked})
    return json.dumps({"predictions": predictions}), "application/json"


def _from_json(body: bytes | str) -> list[bytes]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The body is not valid JSON: {error}") from error
    items = content.get("instances") if isinstance(content, dict) and "instances" in content else [content]
    if not isinstance(items, list) or not 1 <= len(items) <= _MAX_IMAGES:
        raise BadRequest(f'"instances" must be a list of 1 to {_MAX_IMAGES} images.')
    return [_item_bytes(item) for item in items]


def _item_bytes(item: Any) -> bytes:
    if isinstance(item, dict):
        # b64 and image_bytes are what clients of other model servers send.
        for key in ("image", "b64", "image_bytes", "data"):
            if isinstance(item.get(key), dict):
                return _item_bytes(item[key])
            if isinstance(item.get(key), str):
                return _item_bytes(item[key])
        if isinstance(item.get("url"), str):
            return _fetch(item["url"])
    if isinstance(item, str):
        try:
            return base64.b64decode(item.partition("base64,")[2] or item, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadRequest(f"An image is not valid base64: {error}") from error
    raise BadRequest('Each image must be base64 text, {"image": base64} or {"url": "https://..."}.')


def _to_tensor(data: bytes) -> Tensor:
    if not data:
        raise BadRequest("The image is empty.")
    image_HWC = decode_image(data, _stored_size)
    return torch.from_numpy(image_HWC.transpose(2, 0, 1).copy())


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A permitted host must not send us to one that is not."""

    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        return None


def _fetch(url: str) -> bytes:
    """Read an image from a permitted URL.

    Raises:
        BadRequest: The URL is not on the allow-list, or cannot be read.
    """
    if not _is_permitted(url, os.environ.get(_ALLOWLIST, "")):
        raise BadRequest(f"The URL {url} is not permitted: {_ALLOWLIST} does not name it.")
    try:
        with urllib.request.build_opener(_NoRedirect).open(url, timeout=_URL_TIMEOUT_S) as answer:
            data: bytes = answer.read(_MAX_URL_BYTES + 1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise BadRequest(f"The URL {url} could not be read: {error}") from error
    if len(data) > _MAX_URL_BYTES:
        raise BadRequest(f"The image at {url} is larger than {_MAX_URL_BYTES} bytes.")
    return data


def _is_permitted(url: str, allowlist: str) -> bool:
    """Compare parsed parts, never bare text: `https://good.org.evil.net` begins with a good name."""
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host or parts.username or "\\" in url:
        return False
    for entry in filter(None, (entry.strip() for entry in allowlist.split(","))):
        if "://" not in entry:
            if entry.lower() == (f"{host}:{port}" if ":" in entry else host):
                return True
            continue
        wanted = urllib.parse.urlsplit(entry)
        same = (wanted.scheme, wanted.hostname, wanted.port) == (parts.scheme, host, port)
        if (
            same
            and parts.path.startswith(wanted.path or "/")
            and ".." not in urllib.parse.unquote(parts.path)
        ):
            return True
    return False
