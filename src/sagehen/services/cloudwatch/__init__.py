"""CloudWatch metrics: what was observed, aggregated, and its statistics over time.

Alarms, dashboards and metric streams are not declared.
"""
