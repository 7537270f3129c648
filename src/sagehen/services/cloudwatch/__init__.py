"""CloudWatch: metrics (what was observed, aggregated, and its statistics over time) and alarms on them.

Downwards: alarms, and the operations that read data (`metric_data`), stand on arithmetic over series
(`metric_math`), which stands on nothing; all read what `metrics` keeps. Dashboards, metric streams and
anomaly detection are not declared.
"""
