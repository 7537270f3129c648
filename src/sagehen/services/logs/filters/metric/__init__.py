"""Metric filters: what log events say becomes data of metrics. Its operations, records and publishing."""
