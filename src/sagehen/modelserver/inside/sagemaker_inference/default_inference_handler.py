"""DefaultInferenceHandler: the base class of handlers; its four hooks are what the toolkit's are."""

from __future__ import annotations

from typing import Any

from . import content_types, decoder, encoder


class DefaultInferenceHandler:
    def default_model_fn(self, model_dir: str, context: Any = None) -> Any:
        raise NotImplementedError("Please provide a model_fn implementation.")

    def default_input_fn(self, input_data: Any, content_type: str, context: Any = None) -> Any:
        return decoder.decode(input_data, content_type)

    def default_predict_fn(self, data: Any, model: Any, context: Any = None) -> Any:
        raise NotImplementedError("Please provide a predict_fn implementation.")

    def default_output_fn(self, prediction: Any, accept: str, context: Any = None) -> tuple[Any, str]:
        for kind in (accept or content_types.JSON).split(","):
            if kind.strip() in (*encoder.SUPPORTED_CONTENT_TYPES, content_types.ANY):
                chosen = content_types.JSON if kind.strip() == content_types.ANY else kind.strip()
                return encoder.encode(prediction, chosen), chosen
        return encoder.encode(prediction, accept), accept  # raises, with the type's name
