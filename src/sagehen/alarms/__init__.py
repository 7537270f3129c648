"""When a metric alarm is in ALARM: conditions, data points, missing ones, the verdict.

Pure, in CloudWatch's terms: the platform's alarms and the rehearsal call the same functions. The words for a
verdict, composite rules and the reading of metrics are CloudWatch's own rooms.
"""
