"""Any content of the arrays that opening does not hash is at worst reported damage, never a crash."""

import numpy as np
import pytest

import rag

LEXICAL = ("posting-offsets", "posting-chunks", "posting-counts", "lengths", "sequence")
QUERIES = ("rare earth magnets", '"price floor" +"rare earths"', 'Japan -"rare earths" -China')


@pytest.mark.parametrize("name", LEXICAL)
def test_a_lexical_search_works_or_reports_the_damage(copy_of_seeds_index, name):
    path = copy_of_seeds_index / "gen-000001" / f"{name}.npy"
    good = path.read_bytes()
    values = np.load(path)
    header = len(good) - values.nbytes
    random = np.random.default_rng(0)
    outcomes = set()
    for change in range(60):
        damaged = values.copy()
        where = random.integers(0, len(values), random.choice([1, 5, len(values)]))
        limits = np.iinfo(values.dtype)
        extreme = (limits.min, -1, 0, 1, len(values), limits.max)
        damaged[where] = (
            random.choice(extreme, len(where))
            if change % 2
            else random.integers(limits.min, limits.max, len(where), values.dtype)
        )
        path.write_bytes(good[:header] + damaged.tobytes())
        outcomes.add(outcome(copy_of_seeds_index))
    assert outcomes <= {"found", "damage"}
    path.write_bytes(good)
    assert outcome(copy_of_seeds_index) == "found"


def outcome(index):
    try:
        with rag.Retriever.open(index) as retriever:
            for query in QUERIES:
                retriever.search(query, k=50, mode="lexical")
    except rag.IndexCorrupt as error:
        assert "--repair" in error.fix  # noqa: PT017  # also where nothing is raised
        return "damage"
    return "found"
