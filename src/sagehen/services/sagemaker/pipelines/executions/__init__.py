"""Executions of pipelines: their records, the values of their arguments, and the decision what comes next."""
