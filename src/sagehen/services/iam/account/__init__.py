"""The account as a whole: its alias and summary, everything in it at once, and the role it begins with."""
