"""The entry of the command line: ``rag``, or ``python -m rag``."""

import signal
import sys


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly from the first moment to the last."""
    try:
        from rag.cli import run

        code = run(sys.argv[1:])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # too late to interrupt: the result is out
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
