"""The models' own tests run the models."""

import pytest

from rag.models.readers.trained import TrainedReader


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_remembered(readings):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainedReader, "read", readings)
        yield
