"""Images: those of AWS, Canonical and Debian by the names that people search for, and one's own."""
