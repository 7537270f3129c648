"""Metrics: taken in (PutMetricData, the platform's own sink), aggregated, kept, rolled up, listed, read."""
