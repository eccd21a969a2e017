"""``python -m rag`` is the command line."""

from rag.cli import main

main()
