"""Reading data sets: files of CSV, JSON and captured requests, as batches of columns."""
