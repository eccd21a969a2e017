"""The read path: a question → passages, or a cited answer; conversations; saved answers verified."""
