"""What becomes of keys: made, enabled, rotated, given material from outside, deleted. No key is used here."""
