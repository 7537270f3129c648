"""Amazon SageMaker: training jobs, models, endpoint configurations, endpoints, tags.

One file per resource; `*_records.py` and `records.py` hold the SQL, `*_reconciler.py` the decisions
over time. No HTTP, no sandbox mechanics (`executors`) and no serving data plane (`serving`) here.
"""
