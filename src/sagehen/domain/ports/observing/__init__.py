"""Ports of observing: logs, metrics and alarms. CloudWatch is on one side."""
