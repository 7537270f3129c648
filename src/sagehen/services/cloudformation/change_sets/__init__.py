"""Change sets: what an update would do, told before it is done."""
