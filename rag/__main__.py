"""The entry point of the command line: ``rag``, or ``python -m rag``."""

import contextlib
import gc
import os
import signal
import sys

COLLECTED_AFTER = 10_000
"""New objects before garbage is looked for: with Python's 700, a short command spends 40 ms on it."""


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly at any time."""
    gc.set_threshold(COLLECTED_AFTER)
    try:
        from rag.cli import run

        code = run(sys.argv[1:], last=True)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the result is out; ignore Ctrl-C from now on
    except KeyboardInterrupt:
        code = 130
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, AttributeError):  # a closed stream or pipe
            stream.flush()
    os._exit(
        code
    )  # everything is written; a normal exit would take 0.2 s to free models and modules


if __name__ == "__main__":
    main()
