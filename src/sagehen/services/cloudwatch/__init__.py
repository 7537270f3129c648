"""CloudWatch: metrics (what was observed, aggregated, and its statistics over time) and alarms on them.

Dashboards, metric streams and anomaly detection are not declared.
"""
