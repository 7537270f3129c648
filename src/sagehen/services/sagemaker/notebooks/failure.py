"""Why a notebook instance did not come up, in the words of FailureReason. Pure."""

from __future__ import annotations

from sagehen.services.sagemaker.notebooks.instance import NotebookInstance
from sagehen.services.sagemaker.notebooks.lifecycle_configs.scripts import config_arn

# Recorded: aws/amazon-sagemaker-examples issue 207.
NO_CAPACITY = "Insufficient notebook instance capacity. Retry later or with a different instance type."
# From memory: where AWS itself is at fault.
INTERNAL = "Internal Failure"


def script_failed(instance: NotebookInstance, hook: str, code: int | None) -> str:
    """Return the reason where a lifecycle script failed.

    Args:
        hook: `OnCreate` or `OnStart`.
        code: Its exit code; None where its time was up.
    """
    config = config_arn(instance.scope, instance.settings.lifecycle_config)
    what = f"Notebook Instance Lifecycle Config '{config}' for Notebook Instance '{instance.arn}'"
    if code is None:
        # Recorded: aws-samples/amazon-sagemaker-optuna-hpo-blog issue 4, and in many others.
        return (
            f"{what} took longer than 5 minutes. Please check your CloudWatch logs for more details if your "
            "Notebook Instance has Internet access."
        )
    # AWS says the same of scripts that failed at once; who reads it looks for something slow. Ours.
    return (
        f"{what} failed: {hook} exited with code {code}. Please check your CloudWatch logs for more details."
    )


def script_missing(instance: NotebookInstance) -> str:
    """Return the reason where the lifecycle configuration is gone."""
    config = config_arn(instance.scope, instance.settings.lifecycle_config)
    return f"Notebook Instance Lifecycle Config '{config}' does not exist."


def clone_failed(url: str, lines: list[str], code: int | None) -> str:
    """Return the reason where a repository could not be cloned: git's own last word, as on AWS.

    Recorded: aws-samples/amazon-sagemaker-predictive-maintenance-deployed-at-edge issue 1.
    """
    if code is None:
        return f"Cloning {url} took too long."
    fatal = [line for line in lines if line.startswith("fatal:")]
    return (fatal or [line for line in lines if line.strip()] or [f"Cloning {url} failed."])[-1]
