"""The profiler's report: what anybody put into it is text and no markup."""

from __future__ import annotations

import json
import math
from html.parser import HTMLParser

from sagehen.services.sagemaker.training.profiler.events import Event
from sagehen.services.sagemaker.training.rules.facts.facts import Facts
from sagehen.services.sagemaker.training.rules.facts.losses import Losses
from sagehen.services.sagemaker.training.rules.facts.usage import Curve, Distribution, SystemUsage
from sagehen.services.sagemaker.training.rules.report.files import report_files
from sagehen.services.sagemaker.training.rules.verdict import Verdict

_EVIL = "</td><script>alert(1)</script>&\"'"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)


def test_a_report_is_a_page_without_scripts_and_a_file_for_each_rule() -> None:
    usage = SystemUsage()
    for second in range(1000):
        usage.add([Event("cpu", "cpu0", "CPUUtilization", second % 101, _EVIL, 1e9 + second)])
    losses = Losses(from_metrics=False)
    for value in ("0.5", "nan", "inf", "0.25"):
        losses.line(f"loss: {value}", 1e9)
    facts = Facts(losses, usage, profiled=True, gpu_type=False, ended=True)
    verdicts = {"LowGPUUtilization": Verdict("IssuesFound", _EVIL, 5, 2, {"a": 1})}
    files = report_files(_EVIL, facts, verdicts, {"threshold_p95": _EVIL})
    kind, html = files["profiler-output/profiler-report.html"]
    tags = _Tags()
    tags.feed(html)
    assert kind.startswith("text/html")
    assert "script" not in tags.seen and {"svg", "polyline", "table"} <= tags.seen
    assert html.count("&lt;script&gt;") >= 4 and "nan," not in html and ",inf" not in html
    notebook = json.loads(files["profiler-output/profiler-report.ipynb"][1])
    assert "".join(notebook["cells"][0]["outputs"][0]["data"]["text/html"]) == html
    rule = json.loads(files["profiler-output/profiler-reports/LowGPUUtilization.json"][1])
    assert (rule["RuleTriggered"], rule["Violations"], rule["Datapoints"]) == (1, 2, 5)


def test_a_report_of_nothing_is_one_too() -> None:
    facts = Facts(Losses(from_metrics=False), SystemUsage(), profiled=True, gpu_type=False, ended=True)
    assert "at no time" in report_files("job", facts, {}, {})["profiler-output/profiler-report.html"][1]


def test_distributions_and_curves_stay_small_and_true() -> None:
    distribution, curve = Distribution(), Curve()
    for number in range(20_000):
        distribution.add(number * 1000.0)
        curve.add(float(number), 1.0 + number % 2)
    assert len(distribution._counts) < 5_000 and len(curve.points) < 600
    assert distribution.summary()["p50"] == 1e7
    assert distribution.summary()["max"] == 2e7
    assert math.isclose(sum(value for _, value in curve.points) / len(curve.points), 1.5, rel_tol=0.01)
    assert Distribution().summary() == dict.fromkeys(("max", "p99", "p95", "p50", "min"), 0.0)
