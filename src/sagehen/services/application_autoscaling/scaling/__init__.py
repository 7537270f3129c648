"""Acting: what alarms and bounds ask for is decided, written down, done, and followed to its end."""
