"""The models' own tests run the models."""

import pytest

from rag.models.readers.trained import TrainedReader


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_remembered(really_read):
    with pytest.MonkeyPatch.context() as patch:
        for name, method in really_read.items():
            patch.setattr(TrainedReader, name, method)
        yield
