"""What has been started, whatever started it: its output, its end, its record on disk."""
