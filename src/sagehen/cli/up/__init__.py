"""`sagehen up`: its options, the scope that it enters, and the platform's start."""
