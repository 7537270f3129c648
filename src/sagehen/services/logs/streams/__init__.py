"""Log streams: operations and rows."""
