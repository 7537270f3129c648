"""Where the source of a job comes from: an archive that script mode names, or channels."""
