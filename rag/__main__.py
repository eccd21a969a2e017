"""The entry of the command line: ``rag``, or ``python -m rag``."""

import contextlib
import os
import signal
import sys


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly from the first moment to the last."""
    try:
        from rag.cli import run

        code = run(sys.argv[1:], last=True)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # too late to interrupt: the result is out
    except KeyboardInterrupt:
        code = 130
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, AttributeError):  # closed, or nobody reads it
            stream.flush()
    os._exit(code)  # all is written and closed; taking models and modules apart would cost 0.2 s


if __name__ == "__main__":
    main()
