"""`sagehen load TARGET`: from the command line to a run and its report."""
