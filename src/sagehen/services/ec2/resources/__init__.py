"""What every noun of EC2 stands on: kinds and ids, rows, rights, filters, pages."""
