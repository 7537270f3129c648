"""CloudWatch Logs: groups, streams, events, retention; and the sink that everything here writes to.

Metric filters, Insights queries and live tail are not declared.
"""
