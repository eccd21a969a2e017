"""The measure of growth tells quadratic work from linear work."""

import pytest

from tests.timing import assert_linear


def count(size):
    return sum(1 for _ in range(size))


def test_linear_work_passes_and_quadratic_work_fails():
    assert_linear(count, lambda size: size, 50_000)
    with pytest.raises(AssertionError, match="times as long"):
        assert_linear(count, lambda size: size * size, 400)
