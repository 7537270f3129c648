"""Writers: a graph in a language, each with that language's own quoting. Pure: texts and bytes, no files."""
