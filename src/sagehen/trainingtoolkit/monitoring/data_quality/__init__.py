"""Data quality: what each column of a data set is like, and how far that is from a baseline."""
