"""CloudWatch Logs: groups, streams, events, retention, filters, queries; and the sink that all here write to.

Live tail is not declared.
"""
