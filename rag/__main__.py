"""The entry point of the command line: ``rag``, or ``python -m rag``."""

import contextlib
import os
import signal
import sys


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly at any time."""
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
