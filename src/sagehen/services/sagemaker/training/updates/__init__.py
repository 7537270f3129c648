"""UpdateTrainingJob: the operation, and what it changes of Debugger; a warm pool's part is in `pools`."""
