"""How the time that a function takes grows with its input."""

import math
import time

TIMES = 8
"""How much larger the large input is."""
MOST = 3 * TIMES
"""How many times as long the large input may take: linear work takes 8 times, quadratic work 64 times."""
CLOCK = 0.02
"""Seconds that a measurement may be off."""


def assert_linear(work, make, small):
    """Fail if ``work(make(size))`` takes longer, as the size grows from ``small``, than linear work does.

    Only this thread's processor time counts, and of several attempts the shortest: whatever else the
    machine does can only add to it. Each attempt has an input of its own, so that a cache is no help.
    """
    large, best = TIMES * small, {small: math.inf, TIMES * small: math.inf}
    for attempt in range(8):
        for number, size in enumerate((small, small, large)):
            given = make(size + 3 * attempt + number)
            begin = time.thread_time()
            work(given)
            best[size] = min(best[size], time.thread_time() - begin)
        if best[large] < MOST * best[small] + CLOCK:
            return
    raise AssertionError(
        f"{TIMES} times the input takes {best[large] / best[small]:.0f} times as long"
    )


def repeated(unit):
    """Makes texts of any length that say ``unit`` over and over."""
    return lambda size: (unit * (size // len(unit) + 1))[:size]
