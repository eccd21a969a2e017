"""What the tool is measured beside: what a user would run otherwise. One command: make bench."""
