"""What a person sees while it runs: a table that changes, or a line now and then without a terminal."""
