"""Context: what hooks with one more parameter receive, with the names that the toolkits' context has."""

from __future__ import annotations

import re
from typing import Any

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 (5.6.2)


class Context:
    """Of one request, or of the loading of the model.

    Attributes:
        system_properties: model_dir, gpu_id.
        model_name: Always `model`.
    """

    model_name = "model"

    def __init__(
        self, model_dir: str, headers: dict[str, str] | None = None, gpu_id: int | None = None
    ) -> None:
        self.system_properties: dict[str, Any] = {"model_dir": model_dir, "gpu_id": gpu_id}
        self.response_status: int | None = None
        self.response_headers: dict[str, str] = {}
        self._headers = headers or {}

    def get_request_header(self, idx: int, key: str) -> str | None:
        """Return a request's header by its name in whatever case, or None."""
        return self._headers.get(key.lower())

    def get_all_request_header(self, idx: int) -> dict[str, str]:
        """Return all headers of a request; their names are lower-case."""
        return dict(self._headers)

    def get_request_id(self, idx: int = 0) -> str | None:
        """Return InferenceId as the caller gave it, or None."""
        return self._headers.get("x-amzn-sagemaker-inference-id")

    def get_response_content_type(self, idx: int) -> str | None:
        """Return what `set_response_content_type` was given, or None."""
        return self.response_headers.get("content-type")

    def set_response_content_type(self, idx: int, value: str) -> None:
        """Set the answer's content type, whatever Accept asked for."""
        self.response_headers["content-type"] = str(value)

    def set_response_status(self, code: int = 200, phrase: str = "", idx: int = 0) -> None:
        """Set the answer's status; 4xx and 5xx become a ModelError. The phrase is not sent."""
        status = int(code)
        if not 200 <= status <= 599:  # after 1xx a client waits for another answer
            raise ValueError(f"an answer's status is 200 to 599, not {status}")
        self.response_status = status

    def set_all_response_status(self, code: int = 200, phrase: str = "") -> None:
        """As `set_response_status`: a request by itself is a batch of one."""
        self.set_response_status(code)

    def set_response_header(self, idx: int, key: str, value: str) -> None:
        """Set a header of the answer; InvokeEndpoint passes on those of sessions and CustomAttributes."""
        if not _NAME.fullmatch(key):
            raise ValueError(f"{key[:100]!r} is not the name of a header")
        self.response_headers[key.lower()] = str(value)


class BatchContext(Context):
    """Of several requests that are predicted together: `idx` is a request's place in the batch.

    Args:
        contexts: Of the single requests; never empty.
    """

    def __init__(self, contexts: list[Context]) -> None:
        super().__init__("")
        self.system_properties = contexts[0].system_properties
        self._contexts = contexts

    def get_request_header(self, idx: int, key: str) -> str | None:
        """As `Context`'s, of the request at that place in the batch."""
        return self._contexts[idx].get_request_header(0, key)

    def get_all_request_header(self, idx: int) -> dict[str, str]:
        """As `Context`'s, of the request at that place in the batch."""
        return self._contexts[idx].get_all_request_header(0)

    def get_request_id(self, idx: int = 0) -> str | None:
        """As `Context`'s, of the request at that place in the batch."""
        return self._contexts[idx].get_request_id()

    def get_response_content_type(self, idx: int) -> str | None:
        """As `Context`'s, of the request at that place in the batch."""
        return self._contexts[idx].get_response_content_type(0)

    def set_response_content_type(self, idx: int, value: str) -> None:
        """As `Context`'s, of the request at that place in the batch."""
        self._contexts[idx].set_response_content_type(0, value)

    def set_response_status(self, code: int = 200, phrase: str = "", idx: int = 0) -> None:
        """As `Context`'s, of the request at that place in the batch."""
        self._contexts[idx].set_response_status(code, phrase)

    def set_all_response_status(self, code: int = 200, phrase: str = "") -> None:
        """As `Context`'s, of every request in the batch."""
        for context in self._contexts:
            context.set_all_response_status(code, phrase)

    def set_response_header(self, idx: int, key: str, value: str) -> None:
        """As `Context`'s, of the request at that place in the batch."""
        self._contexts[idx].set_response_header(0, key, value)
