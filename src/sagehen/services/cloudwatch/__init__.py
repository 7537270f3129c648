"""CloudWatch: metrics (what was observed, aggregated, and its statistics over time), alarms, dashboards.

Downwards: pictures of metrics (`widget_images`) stand on alarms and on the operations that read data
(`metric_data`); these stand on arithmetic over series (`metric_math`), which stands on nothing; all read what
`metrics` keeps. Metric streams and anomaly detection are not declared.
"""
