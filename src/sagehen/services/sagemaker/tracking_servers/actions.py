"""Which IAM action a request to a tracking server asks for, by its method and path. Data and a look-up.

Source: Service Authorization Reference, "Amazon SageMaker with MLflow", whose actions are named as MLflow's
calls (documented: MLflow's REST API). What is read without an action of its own is the page's; what would
change something without one is not answered.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

UI = "AccessUI"
_API = re.compile(r"/(?:ajax-)?api/[23]\.0/mlflow/(?P<call>.+)")
_READS = ("GET", "HEAD")
_CALLS = {
    "experiments/create": "CreateExperiment",
    "experiments/delete": "DeleteExperiment",
    "experiments/get": "GetExperiment",
    "experiments/get-by-name": "GetExperimentByName",
    "experiments/restore": "RestoreExperiment",
    "experiments/search": "SearchExperiments",
    "experiments/search-datasets": "SearchExperiments",
    "experiments/set-experiment-tag": "SetExperimentTag",
    "experiments/update": "UpdateExperiment",
    "runs/create": "CreateRun",
    "runs/delete": "DeleteRun",
    "runs/delete-tag": "DeleteTag",
    "runs/get": "GetRun",
    "runs/log-batch": "LogBatch",
    "runs/log-inputs": "LogInputs",
    "runs/log-metric": "LogMetric",
    "runs/log-model": "LogModel",
    "runs/log-parameter": "LogParam",
    "runs/outputs": "LogOutputs",
    "runs/restore": "RestoreRun",
    "runs/search": "SearchRuns",
    "runs/set-tag": "SetTag",
    "runs/update": "UpdateRun",
    "metrics/get-history": "GetMetricHistory",
    "metrics/get-history-bulk-interval": "GetMetricHistory",
    "artifacts/list": "ListArtifacts",
    "artifacts/presigned-upload-url": "LogBatch",
    "registered-models/create": "CreateRegisteredModel",
    "registered-models/delete": "DeleteRegisteredModel",
    "registered-models/delete-tag": "DeleteRegisteredModelTag",
    "registered-models/get": "GetRegisteredModel",
    "registered-models/get-latest-versions": "GetLatestModelVersions",
    "registered-models/rename": "RenameRegisteredModel",
    "registered-models/search": "SearchRegisteredModels",
    "registered-models/set-tag": "SetRegisteredModelTag",
    "registered-models/update": "UpdateRegisteredModel",
    "model-versions/create": "CreateModelVersion",
    "model-versions/delete": "DeleteModelVersion",
    "model-versions/delete-tag": "DeleteModelVersionTag",
    "model-versions/get": "GetModelVersion",
    "model-versions/get-download-uri": "GetDownloadURIForModelVersionArtifacts",
    "model-versions/search": "SearchModelVersions",
    "model-versions/set-tag": "SetModelVersionTag",
    "model-versions/transition-stage": "TransitionModelVersionStage",
    "model-versions/update": "UpdateModelVersion",
    "logged-models": "CreateLoggedModel",
    "logged-models/search": "SearchLoggedModels",
    "traces": "StartTrace",
    "traces/search": "SearchTraces",
    "traces/batchGetInfos": "GetTraceInfo",
    "traces/metrics": "SearchTraces",
    "traces/delete-traces": "DeleteTraces",
}
# Calls whose path or method says which one it is.
_BY_METHOD = (
    ("POST", r"registered-models/alias", "SetRegisteredModelAlias"),
    ("DELETE", r"registered-models/alias", "DeleteRegisteredModelAlias"),
    ("GET", r"registered-models/alias", "GetModelVersionByAlias"),
    ("GET", r"logged-models/[^/]+/artifacts/directories", "ListLoggedModelArtifacts"),
    ("POST", r"logged-models/[^/]+/params", "LogLoggedModelParams"),
    ("PATCH", r"logged-models/[^/]+/tags", "SetLoggedModelTags"),
    ("DELETE", r"logged-models/[^/]+/tags/[^/]+", "DeleteLoggedModelTag"),
    ("GET", r"logged-models/[^/]+", "GetLoggedModel"),
    ("PATCH", r"logged-models/[^/]+", "FinalizeLoggedModel"),
    ("DELETE", r"logged-models/[^/]+", "DeleteLoggedModel"),
    ("GET", r"traces", "SearchTraces"),
    ("PATCH", r"traces/[^/]+/tags", "SetTraceTag"),
    ("DELETE", r"traces/[^/]+/tags", "DeleteTraceTag"),
    ("PATCH", r"traces/[^/]+", "EndTrace"),
    ("GET", r"traces/[^/]+(?:/info)?", "GetTraceInfo"),
)


def action_of(method: str, path: str) -> str | None:
    """Return the action's name without its prefix; None where there is none for what would change something.

    Args:
        path: As it was sent; MLflow's server decodes it once, and so it is read here.
    """
    path = unquote(path)
    matched = _API.fullmatch(path)
    if matched is None:
        return UI if method in _READS or path.rstrip("/") == "/graphql" else None
    call = matched["call"].rstrip("/")
    for of_method, pattern, action in _BY_METHOD:
        if method == of_method and re.fullmatch(pattern, call):
            return action
    return _CALLS.get(call) or (UI if method in _READS else None)
