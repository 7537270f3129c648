"""The hooks of the endpoint."""

from __future__ import annotations

import base64
import http.server
import io
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.torch


def encoded(kind: str = "JPEG", size: tuple[int, int] = (48, 40), mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    Image.new(mode, size, 130).save(stream, kind)
    return stream.getvalue()


@pytest.fixture
def classifier(tmp_path: Path) -> Any:
    import inference
    import torch
    from network import Description, build_network, save_model

    torch.manual_seed(0)
    save_model(tmp_path, build_network("small", 3), Description("small", ["cat", "dog", "owl"], 32, 32))
    return inference.model_fn(str(tmp_path))


def ask(classifier: Any, body: bytes | str, content_type: str, accept: str = "*/*") -> tuple[str, str]:
    import inference

    prediction = inference.predict_fn(inference.input_fn(body, content_type), classifier)
    answer: tuple[str, str] = inference.output_fn(prediction, accept)
    return answer


@pytest.mark.parametrize(
    ("body", "content_type", "count"),
    [
        (encoded(), "image/jpeg", 1),
        (encoded("PNG"), "image/png", 1),
        (encoded("PNG", mode="L"), "application/x-image", 1),
        (encoded("JPEG", mode="CMYK"), "image/jpeg", 1),
        (json.dumps({"image": base64.b64encode(encoded()).decode()}), "application/json", 1),
        (
            json.dumps({"image": "data:image/jpeg;base64," + base64.b64encode(encoded()).decode()}),
            "application/json",
            1,
        ),
        (
            json.dumps(
                {
                    "instances": [
                        base64.b64encode(encoded()).decode(),
                        {"b64": base64.b64encode(encoded("PNG")).decode()},
                    ]
                }
            ),
            "application/json; charset=utf-8",
            2,
        ),
    ],
)
def test_what_it_takes(classifier: Any, body: bytes | str, content_type: str, count: int) -> None:
    text, kind = ask(classifier, body, content_type)
    predictions = json.loads(text)["predictions"]
    assert kind == "application/json" and len(predictions) == count
    for prediction in predictions:
        assert prediction["class"] == prediction["top"][0]["class"]
        assert {entry["class"] for entry in prediction["top"]} == {"cat", "dog", "owl"}
        assert sum(entry["probability"] for entry in prediction["top"]) == pytest.approx(1, abs=1e-4)


def test_scores_as_json_and_csv(classifier: Any) -> None:
    text, kind = ask(classifier, encoded(), "image/jpeg", "application/json;scores")
    scores = json.loads(text)
    assert scores["classes"] == ["cat", "dog", "owl"] and np.shape(scores["scores"]) == (1, 3)
    rows, kind = ask(classifier, encoded(), "image/jpeg", "text/csv")
    assert kind == "text/csv"
    assert np.loadtxt(io.StringIO(rows), delimiter=",") == pytest.approx(scores["scores"][0], abs=1e-4)


def test_a_batch_answers_as_each_alone(classifier: Any) -> None:
    import inference
    import torch

    random = np.random.default_rng(0)
    inputs = [torch.from_numpy(random.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8)) for n in (1, 2, 1)]
    together = inference.predict_batch_fn(inputs, classifier)
    assert [len(prediction.scores_NC) for prediction in together] == [1, 2, 1]
    for images, prediction in zip(inputs, together, strict=True):
        alone = inference.predict_fn(images, classifier)
        torch.testing.assert_close(prediction.scores_NC, alone.scores_NC, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "image/jpeg", 400),
        (b"\xff\xd8 not a jpeg", "image/jpeg", 400),
        (encoded()[:200], "image/png", 400),
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ('{"instances": []}', "application/json", 400),
        ('{"image": "***"}', "application/json", 400),
        ('{"url": "http://127.0.0.1/x.jpg"}', "application/json", 400),
        ('{"url": "file:///etc/passwd"}', "application/json", 400),
        (b"1,2", "text/csv", 415),
    ],
)
def test_what_it_refuses(classifier: Any, body: bytes | str, content_type: str, status: int) -> None:
    with pytest.raises(ValueError) as raised:
        ask(classifier, body, content_type)
    assert raised.value.status_code == status  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("url", "allowlist", "permitted"),
    [
        ("https://good.org/a.jpg", "good.org", True),
        ("https://good.org/a.jpg", "", False),
        ("https://good.org.evil.net/a.jpg", "good.org,https://good.org/", False),
        ("https://good.org@evil.net/a.jpg", "good.org", False),
        ("https://good.org/images/a.jpg", "https://good.org/images/", True),
        ("https://good.org/images/../secret", "https://good.org/images/", False),
        ("http://good.org/images/a.jpg", "https://good.org/images/", False),
        ("http://good.org:81/a.jpg", "good.org:81", True),
        ("ftp://good.org/a.jpg", "good.org", False),
    ],
)
def test_allow_list(url: str, allowlist: str, permitted: bool) -> None:
    import inference

    assert inference._is_permitted(url, allowlist) is permitted


def test_a_permitted_url_is_fetched_and_redirects_are_not(
    classifier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302 if self.path == "/away" else 200)
            self.send_header("Location", "/image.jpg")
            self.end_headers()
            self.wfile.write(encoded())

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("SAGEHEN_URL_ALLOWLIST", f"127.0.0.1:{server.server_port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        root = f"http://127.0.0.1:{server.server_port}"
        text, _ = ask(classifier, json.dumps({"url": f"{root}/image.jpg"}), "application/json")
        assert len(json.loads(text)["predictions"]) == 1
        with pytest.raises(ValueError, match="could not be read"):
            ask(classifier, json.dumps({"url": f"{root}/away"}), "application/json")
        server.shutdown()
