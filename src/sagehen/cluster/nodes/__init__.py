"""What is known of each node: `record.py` is one, `registry.py` all. Nothing here waits, or connects."""
