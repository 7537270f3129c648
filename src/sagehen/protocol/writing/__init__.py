"""Values into responses: `serialize`, errors, event streams, and for each protocol where members go."""
