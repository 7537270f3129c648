"""One candidate's run: slices of time, what is served in them, what it scaled to and cost."""
