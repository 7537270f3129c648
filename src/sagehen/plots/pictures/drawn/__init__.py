"""What is drawn with matplotlib, in the drawing process alone."""
