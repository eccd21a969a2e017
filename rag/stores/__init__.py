"""Where an index is kept and found again."""
