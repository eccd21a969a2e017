"""The read path: from a question to passages or a cited answer; conversations; checks of saved answers."""
