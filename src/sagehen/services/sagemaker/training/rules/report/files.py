"""report_files(...) -> name -> content: what a rule ProfilerReport leaves in S3.

Names and the JSON's shape: AWS's own (recorded: listings of rule-output/ProfilerReport-<n>/profiler-output/,
and what awslabs/sagemaker-debugger's rules wrote).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sagehen.services.sagemaker.training.rules.facts.facts import Facts
from sagehen.services.sagemaker.training.rules.report.notebook import notebook
from sagehen.services.sagemaker.training.rules.report.page import page
from sagehen.services.sagemaker.training.rules.verdict import ISSUES, Verdict

FOLDER = "profiler-output"


def report_files(
    job_name: str, facts: Facts, verdicts: Mapping[str, Verdict], parameters: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Return name below the rule's folder -> (content type, content).

    Args:
        verdicts: By rule.
        parameters: RuleParameters.
    """
    html = page(job_name, facts, verdicts)
    files = {
        f"{FOLDER}/profiler-report.html": ("text/html; charset=utf-8", html),
        f"{FOLDER}/profiler-report.ipynb": ("application/x-ipynb+json", notebook(html)),
    }
    for rule, verdict in verdicts.items():
        content = {
            "RuleTriggered": int(verdict.status == ISSUES),
            "Violations": verdict.violations,
            "Details": dict(verdict.found),
            "Datapoints": verdict.datapoints,
            "RuleParameters": "\n".join(f"{name}:{value}" for name, value in parameters.items()),
            # Ours: AWS's file does not say why.
            "Status": verdict.status,
            "StatusDetails": verdict.details,
        }
        files[f"{FOLDER}/profiler-reports/{rule}.json"] = ("application/json", json.dumps(content, indent=1))
    return files
