"""What a run has shown: one document, and the same as text and as a picture. Pure but for the drawing."""
