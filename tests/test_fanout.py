"""The simulation of a cluster agrees with what is known in closed form; sizes are sums of their parts."""

import numpy as np
import pytest

from benchmarks.fanout import Cluster, latencies, measured, stalling
from benchmarks.sizing import PARTS, SIZES, Costs, size_table, unit_table

pytestmark = pytest.mark.slow

SHARES = np.array([0.5, 0.95, 0.99])


def exponential(random):
    return float(random.exponential(1.0))


def quantiles(cluster, searches):
    return np.quantile(latencies(cluster, exponential, searches), SHARES)


@pytest.mark.parametrize("shards", [1, 4, 30])
def test_without_queues_a_search_takes_as_long_as_the_slowest_of_independent_shards(shards):
    expected = -np.log(1 - SHARES ** (1 / shards))  # of the maximum of exponential times
    found = quantiles(Cluster(shards, load=0.001), 3_000)
    assert found == pytest.approx(expected, rel=0.1)


def test_one_replica_is_the_queue_that_textbooks_know():
    expected = -np.log(1 - SHARES) / (1 - 0.3)  # M/M/1: exponential, 1 / (1 - load) on average
    assert quantiles(Cluster(1, load=0.3), 30_000) == pytest.approx(expected, rel=0.1)


def test_without_queues_hedging_at_once_takes_the_quicker_of_two_replicas():
    hedged = Cluster(1, replicas=2, load=0.001, hedge=0.0)
    expected = -np.log(1 - SHARES) / 2  # the minimum of two exponential times
    assert quantiles(hedged, 3_000) == pytest.approx(expected, rel=0.1)


def test_a_simulation_with_the_same_seed_is_the_same():
    cluster = Cluster(3, replicas=2, load=0.5, hedge=1.0)
    assert np.array_equal(quantiles(cluster, 200), quantiles(cluster, 200))


def test_times_of_a_shard_have_the_measured_median_and_99th_percentile():
    median, p99 = measured()
    service = stalling(median, p99, stalls=0)
    random = np.random.default_rng(0)
    times = [service(random) for _ in range(20_000)]
    assert np.percentile(times, (50, 99)) == pytest.approx((median, p99), rel=0.05)
    stalls = stalling(median, p99, stalls=1)
    assert np.median([stalls(random) for _ in range(2_000)]) == pytest.approx(10 * median, rel=0.05)


def test_the_table_of_sizes_has_a_column_for_each_and_grows_with_them():
    costs = Costs(dict.fromkeys(PARTS, 1_000.0), terms=50, embedded=100)
    assert "| local index | 5,000 bytes |" in unit_table(costs)
    lines = size_table(costs).splitlines()
    assert lines[0].count("|") == len(SIZES) + 2
    [index] = [line for line in lines if line.startswith("| local index, disk")]
    assert index == "| local index, disk | 50 GB | 5.0 TB | 250 TB |"
    [week] = [line for line in lines if line.startswith("| cores to embed")]
    assert week == "| cores to embed it in a week | 1 | 17 | 827 |"
