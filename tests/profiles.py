"""What `make test` tries, and what only `make test-long` does."""

from hypothesis import settings

LONG = settings.get_current_profile_name() == "long"


def some(rows, every):
    """All of the rows in `make test-long`; else one of ``every`` so many, the first among them."""
    return list(rows)[:: 1 if LONG else every]
