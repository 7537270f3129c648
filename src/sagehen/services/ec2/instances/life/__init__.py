"""What keeps an instance as its row says: states and reasons (pure), a plan (pure), a run, a loop."""
