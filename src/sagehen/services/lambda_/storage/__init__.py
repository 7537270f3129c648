"""What all of this service's SQL stands on. No SQL of one noun: that lies beside its operations."""
