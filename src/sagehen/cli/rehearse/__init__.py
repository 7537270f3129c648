"""`sagehen rehearse PLAN`."""
