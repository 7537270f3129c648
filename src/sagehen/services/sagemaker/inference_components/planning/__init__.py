"""What the components of one endpoint need next, decided from their records and what is seen. Pure."""
