"""XGBoost's default hooks: what its container does without a script of the user's."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagehen.modelserver.hooks import content
from sagehen.modelserver.hooks.errors import BadInput, UnsupportedContentType, as_text
from sagehen.trainingtoolkit.algorithms.xgboost import tables
from sagehen.trainingtoolkit.algorithms.xgboost.tables import UnreadableTable

_MODEL = "xgboost-model"
_JSON_LINES = "application/jsonlines"


class CannotEvaluate(Exception):
    """The model cannot predict from what was sent: of another width, say."""


class XGBoostDefaults:
    """The built-in algorithm's: a Booster, CSV or libsvm in, comma-separated values out.

    Source: aws/sagemaker-xgboost-container, algorithm_mode/serve.py; JSON answers are documented: SageMaker
    Developer Guide, Common Data Formats for Inference.
    """

    name = "xgboost"
    # What cannot be read is 415 there, what cannot be predicted 400.
    statuses: Mapping[type[Exception], int] = {
        BadInput: 415,
        UnsupportedContentType: 415,
        CannotEvaluate: 400,
    }

    @staticmethod
    def failure(message: str, status: int) -> tuple[bytes, str]:
        """Return the words."""
        return as_text(message, status)

    def load_model(self, model_dir: Path) -> Any:
        """Load `xgboost-model`, or the first file; as the library writes it, or pickled."""
        import xgboost

        path = model_dir / _MODEL
        if not path.is_file():
            files = sorted(file for file in model_dir.iterdir() if file.is_file())
            if not files:
                raise ValueError(f"There is no model in {model_dir}")
            path = files[0]
        try:
            booster = xgboost.Booster()
            booster.load_model(str(path))
        except xgboost.core.XGBoostError as refusal:
            try:
                # The user's own file, in the user's own sandbox: containers before 1.3 wrote it so.
                booster = pickle.loads(path.read_bytes())  # noqa: S301
            except Exception as error:
                raise RuntimeError(f"Unable to load model: {refusal} {error}") from None
        booster.set_param({"nthread": int(os.environ.get("OMP_NUM_THREADS") or 1)})
        return booster

    def decode(self, data: str | bytes, content_type: str) -> Any:
        """Return a DMatrix of a body of CSV or libsvm, without labels."""
        import xgboost

        kind = tables.media_type(content_type or "text/csv")
        try:
            text = (data if isinstance(data, str) else data.decode()).strip()
            if kind in tables.CSV:
                return xgboost.DMatrix(tables.of_csv(text, labelled=False).features)
            if kind in tables.LIBSVM:
                return xgboost.DMatrix(tables.of_libsvm(text.splitlines(), labelled=False).features)
        except (UnreadableTable, UnicodeDecodeError) as error:
            raise BadInput(f"Loading {kind} data failed with Exception: {error}") from error
        raise UnsupportedContentType(content_type)

    def predict(self, data: Any, model: Any) -> Any:
        """Return the model's predictions."""
        import xgboost

        try:
            return model.predict(data, validate_features=False)
        except xgboost.core.XGBoostError as error:
            words = str(error).strip().splitlines()
            raise CannotEvaluate(
                f"Unable to evaluate payload provided: {words[0] if words else ''}"
            ) from error

    def encode(self, prediction: Any, accept: str) -> tuple[bytes, str]:
        """Return one number a row: with commas, or as JSON where that is asked for."""
        values = content.plain(prediction)
        for wanted in accept.split(","):
            kind = content.media_type(wanted)
            if kind == content.JSON:
                scores = [{"score": value} for value in values]
                return json.dumps({"predictions": scores}).encode(), content.JSON
            if kind == _JSON_LINES:
                return "".join(f"{json.dumps({'score': value})}\n" for value in values).encode(), _JSON_LINES
            if kind in (content.CSV, content.ANY, ""):
                return ",".join(map(str, values)).encode(), content.CSV
        return content.encode(prediction, accept)
