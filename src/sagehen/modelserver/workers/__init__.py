"""Worker processes: their pool, what each does in a loop, its memory and its random numbers."""
