"""Tags of alarms and dashboards: in requests (`request`), and the operations on them (`operations`)."""
