"""What a run costs at AWS's list prices."""
