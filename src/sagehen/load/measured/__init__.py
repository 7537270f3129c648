"""What is counted: histograms, and tallies of stretches of time. Pure; added up over processes."""
