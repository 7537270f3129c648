"""FailureReason of an endpoint: what became of an instance, in AWS's words. Pure."""

from __future__ import annotations

from sagehen.executors.base import ExitStatus


def reason_of(variant: str, was_ready: bool, status: ExitStatus | None, container: str = "") -> str:
    """Return why an instance is gone that nobody told to end.

    The first text is AWS's own (recorded: aws/sagemaker-python-sdk issue 787), which says so as well of a
    container that passed at first (issue 4115); here the others say what is known besides.

    Args:
        variant: Its production variant.
        was_ready: Whether it ever answered a ping with 200.
        container: Its name, where the variant has several.
        status: How its process ended; None where it runs and does not answer.
    """
    container = f"The {container or 'primary'} container for production variant {variant}"
    if not was_ready:
        return (
            f"{container} did not pass the ping health check. Please check CloudWatch logs for this endpoint."
        )
    if status is None:
        return f"{container} stopped answering pings."
    cause = "ran out of memory" if status.out_of_memory else f"ended with exit code {status.code}"
    return f"{container} {cause}."
