"""Content types: the decoders and encoders of the framework containers (JSON, CSV, NPY)."""

from __future__ import annotations

import io
import json
from typing import Any

from sagehen.modelserver.hooks.errors import BadInput, UnsupportedAccept, UnsupportedContentType

# Documented: SageMaker Python SDK, Use PyTorch: "Process model input"; the toolkits know these three.
JSON = "application/json"
CSV = "text/csv"
NPY = "application/x-npy"
ANY = "*/*"

# Their bodies reach input_fn as str; every other body as bytes.
# As in AWS's toolkits, which compare the whole header: `application/json; charset=utf-8` is another type.
_TEXT_TYPES = (JSON, CSV)


def media_type(header: str) -> str:
    """Return `application/json` of `application/json; charset=utf-8`."""
    return header.split(";", 1)[0].strip().lower()


def body_for_hook(body: bytes, content_type: str) -> str | bytes:
    """Return a body as input_fn receives it.

    Raises:
        BadInput: A text type whose bytes are not UTF-8.
    """
    if content_type not in _TEXT_TYPES:
        return body
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BadInput(f"The {content_type} body is not UTF-8: {error}") from error


def is_text(content_type: str) -> bool:
    """Tell whether input_fn gets bodies of this very header as str; with parameters it is another type."""
    return content_type in _TEXT_TYPES


def decode_array(data: str | bytes, content_type: str) -> Any:
    """Return the numpy array that a body holds.

    Raises:
        UnsupportedContentType, BadInput.
    """
    import numpy as np

    kind = content_type
    try:
        if kind == JSON:
            return np.array(json.loads(data))
        if kind == CSV:
            text = data if isinstance(data, str) else data.decode()
            return np.genfromtxt(io.StringIO(text), delimiter=",")
        if kind == NPY:
            raw = data.encode() if isinstance(data, str) else data
            # No pickles from the network: they would run code.
            return np.load(io.BytesIO(raw), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise BadInput(f"The body is not valid {kind}: {error}") from error
    raise UnsupportedContentType(content_type)


def encode(prediction: Any, accept: str) -> tuple[bytes, str]:
    """Encode a prediction as the first type of an Accept header that there is an encoder for.

    Returns:
        The body and its content type.

    Raises:
        UnsupportedAccept.
    """
    for wanted in accept.split(","):
        kind = media_type(wanted)
        if kind in (JSON, ANY, ""):
            return json.dumps(plain(prediction)).encode(), JSON
        if kind == CSV:
            return _to_csv(prediction), CSV
        if kind == NPY:
            return _to_npy(prediction), NPY
    raise UnsupportedAccept(accept)


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: tensors and arrays become lists."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def _to_csv(prediction: Any) -> bytes:
    import numpy as np

    stream = io.StringIO()
    np.savetxt(stream, np.atleast_1d(np.array(plain(prediction))), delimiter=",", fmt="%s")
    return stream.getvalue().encode()


def _to_npy(prediction: Any) -> bytes:
    import numpy as np

    stream = io.BytesIO()
    np.save(stream, np.array(plain(prediction)), allow_pickle=False)
    return stream.getvalue()
