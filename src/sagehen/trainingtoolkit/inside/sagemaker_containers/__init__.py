"""The one thing that older scripts import from `sagemaker_containers`: `training_env`."""

from sagemaker_training.environment import Environment  # type: ignore[import-not-found]


def training_env() -> Environment:
    """Return the facts of the running job."""
    return Environment()
