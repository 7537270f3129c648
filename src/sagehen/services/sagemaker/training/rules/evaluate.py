"""evaluate(rule, facts) -> Verdict: every built-in rule by its name."""

from __future__ import annotations

from collections.abc import Callable

from sagehen.services.sagemaker.training.rules import loss_rules, tensor_rules, usage_rules
from sagehen.services.sagemaker.training.rules.configuration import Rule
from sagehen.services.sagemaker.training.rules.facts.facts import Facts
from sagehen.services.sagemaker.training.rules.parameters import BadParameter, Parameters
from sagehen.services.sagemaker.training.rules.verdict import (
    ERROR,
    ISSUES,
    Verdict,
    error,
    going_on,
    issue,
    no_data,
    no_issue,
)

_Evaluation = Callable[[Facts, Parameters], Verdict]

REPORT = "ProfilerReport"
# What a profiler's report is made of, in AWS's order.
PROFILER_RULES: dict[str, _Evaluation] = {
    "LowGPUUtilization": usage_rules.low_gpu_utilization,
    "BatchSize": usage_rules.batch_size,
    "CPUBottleneck": usage_rules.cpu_bottleneck,
    "IOBottleneck": usage_rules.io_bottleneck,
    "GPUMemoryIncrease": usage_rules.gpu_memory_increase,
    "MaxInitializationTime": usage_rules.max_initialization_time,
    "OverallSystemUsage": usage_rules.overall_system_usage,
}
_LOSS_RULES: dict[str, _Evaluation] = {
    "LossNotDecreasing": loss_rules.loss_not_decreasing,
    "Overfit": loss_rules.overfit,
    "Overtraining": loss_rules.overtraining,
}
_TENSOR_RULES: dict[str, _Evaluation] = {
    "AllZero": tensor_rules.all_zero,
    "ExplodingTensor": tensor_rules.exploding_tensor,
    "PoorWeightInitialization": tensor_rules.poor_weight_initialization,
    "TensorVariance": tensor_rules.tensor_variance,
    "VanishingGradient": tensor_rules.vanishing_gradient,
}
# Documented (List of Debugger Built-in Rules; smdebug_rulesconfig): they look at tensors, or at a framework's
# steps.
_UNBUILT_TENSOR_RULES = frozenset((
    "CheckInputImages", "ClassImbalance", "Confusion", "CreateXgboostReport", "DeadRelu",
    "FeatureImportanceOverweight", "NLPSequenceRatio", "SaturatedActivation", "SimilarAcrossRuns",
    "StalledTrainingRule", "TreeDepth", "UnchangedTensor", "WeightUpdateRatio",
))  # fmt: skip
_FRAMEWORK_RULES = frozenset(("Dataloader", "LoadBalancing", "OverallFrameworkMetrics", "StepOutlier"))


def evaluate(rule: Rule, facts: Facts) -> Verdict:
    """Return what a rule's status is by now; once it is final, it is not asked again."""
    name, given = rule.invoked, Parameters(rule.parameters)
    try:
        if name == REPORT:
            return _report(facts, given)
        if (evaluation := PROFILER_RULES.get(name)) is not None:
            return evaluation(facts, given)
        if (evaluation := _LOSS_RULES.get(name)) is not None:
            return evaluation(facts, given)
        if facts.tensors.all and (evaluation := _TENSOR_RULES.get(name)) is not None:
            return evaluation(facts, given)
    except BadParameter as problem:
        return error(str(problem))
    if not facts.ended:
        return going_on()
    if name in _TENSOR_RULES or name in _UNBUILT_TENSOR_RULES:
        return _of_tensors(name, facts)
    if name in _FRAMEWORK_RULES:
        return error(
            f"ClientError: {name} looks at the steps of a framework's profiler, which Sagehen does not read."
        )
    if not name:
        return error("ClientError: RuleParameters has no rule_to_invoke.")
    return error(f"ClientError: there is no built-in rule {name!r:.80}.")


def looks_at_usage(rule: Rule) -> bool:
    """Tell whether a rule looks at what is measured meanwhile; others look at series, which only grow."""
    return rule.invoked == REPORT or rule.invoked in PROFILER_RULES


def report_verdicts(facts: Facts, given: Parameters) -> dict[str, Verdict]:
    """Return what each rule says that a profiler's report is made of.

    Args:
        given: The report's own parameters: AWS has those of its rules as `<Rule>_<parameter>`.
    """
    return {name: evaluation(facts, given.of_rule(name)) for name, evaluation in PROFILER_RULES.items()}


def _report(facts: Facts, given: Parameters) -> Verdict:
    if not facts.ended:
        return going_on(datapoints=facts.usage.samples)
    verdicts = report_verdicts(facts, given)
    overall = verdicts["OverallSystemUsage"]
    if overall.status == ERROR:
        return overall
    found = [name for name, verdict in verdicts.items() if verdict.status == ISSUES]
    if found:
        return issue(REPORT, facts.usage.samples, f"Of its rules, these found issues: {', '.join(found)}.")
    unjudged = [name for name, verdict in verdicts.items() if verdict.status == ERROR]
    more = f" Not evaluated: {', '.join(unjudged)}." if unjudged else ""
    return no_issue(f"{overall.details}{more}", datapoints=facts.usage.samples)


def _of_tensors(name: str, facts: Facts) -> Verdict:
    if facts.tensor_files and name in _TENSOR_RULES:
        return error(f"ClientError: the tensors in {facts.tensors_uri} could not be read.")
    if facts.tensor_files:
        return error(
            f"ClientError: Sagehen does not evaluate {name}. The tensors that it looks at are in "
            f"{facts.tensors_uri}, for `smdebug.trials.create_trial`."
        )
    return no_data(f"{name} looks at tensors, which the hook of smdebug in a script saves.")
