"""Handler: from a call to an answer, through the user's hooks or the framework's defaults.

A batch is decoded call by call, predicted at once, and encoded call by call: a body that cannot
be decoded answers for itself alone. If the joint prediction fails, each call is predicted alone, so
that one poisonous input does not fail its neighbours.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from sagehen.modelserver.hooks import batching, content
from sagehen.modelserver.hooks.context import BatchContext, Context
from sagehen.modelserver.hooks.defaults import Defaults, defaults_for
from sagehen.modelserver.hooks.errors import as_text, status_of
from sagehen.modelserver.hooks.user_code import Hook, load_hooks
from sagehen.modelserver.messages import Answer, Call
from sagehen.modelserver.settings import Settings

# RFC 9110 (15.3.5, 15.4.5): a client takes what follows such a head for the next answer.
_WITHOUT_BODY = frozenset((204, 304))


class Handler:
    """Holds one loaded model.

    Raises:
        Exception: Whatever importing the code or loading the model raises.
    """

    def __init__(self, settings: Settings, gpu_id: int | None = None) -> None:
        self._settings = settings
        self._gpu_id = gpu_id
        self._hooks: dict[str, Hook] = load_hooks(settings.code_dir, settings.program)
        self._defaults: Defaults = defaults_for(
            settings.framework, settings.model_dir, takes_torch="torch" in sys.modules and bool(self._hooks)
        )
        self._model = self._load_model()
        if settings.onnx or "onnx_inputs_fn" in self._hooks:
            self._model = self._by_onnx(self._model)

    @property
    def takes_batches(self) -> bool:
        """Whether several calls may share one forward pass."""
        if "transform_fn" in self._hooks:
            return False
        return "predict_batch_fn" in self._hooks or self._settings.batch_max_size > 1

    def _load_model(self) -> Any:
        model_dir = self._settings.model_dir
        if hook := self._hooks.get("model_fn"):
            return hook(str(model_dir), context=Context(str(model_dir), gpu_id=self._gpu_id))
        return self._defaults.load_model(model_dir)

    def _by_onnx(self, model: Any) -> Any:
        """Return what serves in the model's place, where ONNX Runtime is asked for."""
        from sagehen.modelserver.hooks.onnx.export import served

        own = {"predict_fn", "predict_batch_fn", "transform_fn"} & self._hooks.keys()
        if not own and hasattr(model, "eval"):
            model.eval()  # as the default hook does at each call
        return served(
            model, self._settings.model_dir, self._settings.onnx, self._hooks.get("onnx_inputs_fn"), print
        )

    # --- calls ------------------------------------------------------------------------------

    def handle(self, calls: list[Call]) -> list[Answer]:
        """Answer every call, in order. Never raises for a call's own failure."""
        if len(calls) == 1:
            return [self._handle_one(calls[0])]
        return [_joined(answer) for answer in self._handle_batch(calls)]

    def _handle_one(self, call: Call) -> Answer:
        context = Context(str(self._settings.model_dir), call.headers, self._gpu_id)
        try:
            if hook := self._hooks.get("transform_fn"):
                data = content.body_for_hook(call.body, call.content_type)
                result = hook(self._model, data, call.content_type, self._accept(call), context=context)
                return self._answer(result, call, context)
            data = self._decode(call, context)
            return self._encode(self._predict(data, context), call, context)
        except Exception as error:
            return self._failure(error)

    def _handle_batch(self, calls: list[Call]) -> list[Answer]:
        answers: list[Answer | None] = [None] * len(calls)
        contexts = [Context(str(self._settings.model_dir), call.headers, self._gpu_id) for call in calls]
        inputs: list[tuple[int, Any]] = []
        for index, call in enumerate(calls):
            try:
                inputs.append((index, self._decode(call, contexts[index])))
            except Exception as error:
                answers[index] = self._failure(error)
        for (index, _), outcome in zip(inputs, self._predict_all(inputs, contexts), strict=True):
            try:
                if isinstance(outcome, _Failed):
                    raise outcome.error
                answers[index] = self._encode(outcome, calls[index], contexts[index])
            except Exception as error:
                answers[index] = self._failure(error)
        return [answer for answer in answers if answer is not None]

    def _predict_all(self, inputs: list[tuple[int, Any]], contexts: list[Context]) -> list[Any]:
        data = [item for _, item in inputs]
        if len(data) > 1:
            try:
                together = BatchContext([contexts[index] for index, _ in inputs])
                joint = self._predict_jointly(data, together)
            except Exception:
                print("a joint prediction failed; each input is tried alone", file=sys.stderr)  # noqa: T201
                traceback.print_exc()
                joint = None
            if joint is not None:
                return joint
        outcomes: list[Any] = []
        for index, item in inputs:
            try:
                outcomes.append(self._predict(item, contexts[index]))
            except Exception as error:
                outcomes.append(_Failed(error))
        return outcomes

    def _predict_jointly(self, data: list[Any], context: Context) -> list[Any] | None:
        if hook := self._hooks.get("predict_batch_fn"):
            outputs = list(hook(data, self._model, context=context))
            if len(outputs) != len(data):
                raise ValueError(f"predict_batch_fn got {len(data)} inputs and gave {len(outputs)} outputs")
            return outputs
        if not batching.can_join(data):
            return None
        return batching.split(self._predict(batching.join(data), context), [len(item) for item in data])

    def _failure(self, error: Exception) -> Answer:
        """Make the answer to a call's failure, with the status that the framework's container gives it."""
        statuses = (status for kind, status in self._defaults.statuses.items() if isinstance(error, kind))
        status = next(statuses, None)
        return _failure(error, status, self._defaults.failure)

    # --- the three steps --------------------------------------------------------------------

    def _decode(self, call: Call, context: Context) -> Any:
        data = content.body_for_hook(call.body, call.content_type)
        if hook := self._hooks.get("input_fn"):
            return hook(data, call.content_type, context=context)
        return self._defaults.decode(data, call.content_type)

    def _predict(self, data: Any, context: Context) -> Any:
        if hook := self._hooks.get("predict_fn"):
            return hook(data, self._model, context=context)
        if hook := self._hooks.get("predict_batch_fn"):
            return hook([data], self._model, context=context)[0]
        return self._defaults.predict(data, self._model)

    def _encode(self, prediction: Any, call: Call, context: Context) -> Answer:
        accept = self._accept(call)
        if hook := self._hooks.get("output_fn"):
            return self._answer(hook(prediction, accept, context=context), call, context)
        if isinstance(prediction, Iterator):
            return self._answer(prediction, call, context)
        body, content_type = self._defaults.encode(prediction, accept)
        return _answer(body, content_type, context)

    def _accept(self, call: Call) -> str:
        accept = call.headers.get("accept")
        return self._settings.default_accept if not accept or accept == content.ANY else accept

    def _answer(self, result: Any, call: Call, context: Context) -> Answer:
        """Take what output_fn or transform_fn returned: a body, or (body, content type).

        A body that is an iterator is streamed: each element goes out when it is yielded.
        """
        content_type = self._accept(call)
        if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], str):
            result, content_type = result[0], str.__str__(result[1])  # an Enum's or NumPy's is no plain text
        if isinstance(result, Iterator):
            parts = (_part(element, content_type) for element in result)
            # The first one is waited for: until then a failure has a status of its own.
            answer = _answer(next(parts, b""), content_type, context)
            answer.parts = None if answer.status in _WITHOUT_BODY else parts
            return answer
        if isinstance(result, str):
            result = result.encode()
        elif not isinstance(result, (bytes, bytearray, memoryview)):
            result, content_type = content.encode(result, content_type)
        return _answer(bytes(result), content_type, context)


class _Failed:
    def __init__(self, error: Exception) -> None:
        self.error = error


def _part(element: Any, content_type: str) -> bytes:
    if isinstance(element, str):
        return element.encode()
    if isinstance(element, (bytes, bytearray, memoryview)):
        return bytes(element)
    return content.encode(element, content_type)[0]


def _joined(answer: Answer) -> Answer:
    """Return an answer of a batch, whose members go back together, with its body whole."""
    if answer.parts is None:
        return answer
    try:
        body = b"".join((answer.body, *answer.parts))
    except Exception as error:
        return _failure(error)
    return Answer(answer.status, answer.content_type, body, answer.headers)


def _answer(body: bytes, content_type: str, context: Context) -> Answer:
    headers = dict(context.response_headers)
    status = context.response_status or 200
    if status in _WITHOUT_BODY:
        body = b""
    return Answer(status, headers.pop("content-type", content_type), body, headers)


def _failure(
    error: Exception,
    status: int | None = None,
    body: Callable[[str, int], tuple[bytes, str]] = as_text,
) -> Answer:
    """Make the answer to an exception: its message to the caller, its traceback to the log."""
    own = status_of(error)
    status = own if status is None else status
    if max(own, status) >= 500:  # whatever the framework's container calls it
        traceback.print_exception(error)
        sys.stderr.flush()
    told, content_type = body(str(error) or type(error).__name__, status)
    return Answer(status, content_type, told)
