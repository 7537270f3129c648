"""Where the code of a container comes from: its model, or an archive of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping


def archive_of(environment: Mapping[str, str], network_isolation: bool) -> str | None:
    """Return the S3 URI of the archive that the container fetches its code from; None: it is in the model.

    The SDK repacks models for PyTorch and TensorFlow; for scikit-learn and XGBoost it names the archive that
    the training job ran (SDK 2.257: `SKLearnModel`, `XGBoostModel`), which AWS's serving containers fetch at
    their start. A container without a network cannot.
    """
    named = environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    return named if named.startswith("s3://") and not network_isolation else None
