"""Building indexes from folders of articles: updates, checks, repairs."""
