"""The composition root: Settings -> Platform. The only room that names concrete classes."""
