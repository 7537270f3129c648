"""Amazon SageMaker: training jobs, models, endpoint configurations, endpoints, tags.

A room per noun (`training`, `models`, `endpoint_configs`, `endpoints`, `tags`), each with its
`operations.py`, its `records.py` (the SQL), decisions over time (`training/decisions.py`,
`endpoints/plan.py`) and what carries them out. Below them is what several of them need: `transfers` (S3 and a
job's folders), `archives`, `instances`, `images`, `roles`, `resources`. No HTTP, no sandbox mechanics
(`executors`) and no serving data plane (`serving`) here.
"""
