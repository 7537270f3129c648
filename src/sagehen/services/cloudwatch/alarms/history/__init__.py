"""The history of alarms: its items, its rows, DescribeAlarmHistory. It knows alarms, not what writes it."""
