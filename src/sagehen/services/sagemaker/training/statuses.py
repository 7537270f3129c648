"""A training job's secondary statuses: what each says, and the steps of a job through them. Pure.

InProgress  Starting [-> Pending] -> Downloading -> Training -> Uploading     Restarting -> Downloading ...
            Interrupted (spot) -> Starting ...
Completed   Completed
Failed      Failed
Stopping    Stopping
Stopped     Stopped | MaxRuntimeExceeded | MaxWaitTimeExceeded
"""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.api.errors import ValidationException

# StatusMessage of each secondary status. Starting and Training are documented (SecondaryStatusTransition's
# model), Downloading is recorded (aws/amazon-sagemaker-examples issue 842), the others are from memory, but
# for those that say otherwise.
MESSAGES = {
    "Starting": "Starting the training job",
    # The name is documented (DescribeTrainingJob, SecondaryStatus); the words are ours.
    "Pending": "Waiting for compute capacity",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    # The name is documented (DescribeTrainingJob); the words are after those above.
    "MaxWaitTimeExceeded": "Training job exceeded MaxWaitTimeInSeconds provided",
    # Documented of the status itself (DescribeTrainingJob, SecondaryStatus); AWS's message is not known.
    "Interrupted": "The job stopped because the managed spot training instances were interrupted.",
}
# Documented (SecondaryStatusTransition's model): while Starting, where there are no instances of its type.
REFUSED = "Insufficient capacity error from EC2 while launching instances, retrying!"


def rejected(status: str) -> ValidationException:
    """Return what is said to who wants something of a job that its status does not allow.

    Recorded: awslabs/benchmark-ai issue 928, of StopTrainingJob.
    """
    return ValidationException(f"The request was rejected because the training job is in status {status}.")


def noted(secondary: str, note: str | None) -> str:
    """Return a status message: AWS's words, and what is different here."""
    return f"{MESSAGES[secondary]}. {note}".replace("..", ".") if note else MESSAGES[secondary]


# What a job that is asked to stop no longer shows: documented, its status is Stopping until it ends.
STEPS = ("Starting", "Pending", "Restarting", "Downloading", "Training", "Uploading", "Interrupted")


@dataclass(frozen=True, slots=True)
class Transition:
    """One element of SecondaryStatusTransitions; times in seconds since the epoch."""

    status: str
    start: float
    message: str
    end: float | None = None
