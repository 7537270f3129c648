"""The profiler's report: a page, a notebook with the same content, and a JSON file for each of its rules."""
