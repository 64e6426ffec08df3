from collections.abc import Iterator

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _numbers_raise() -> Iterator[None]:
    # only underflow is right: exp(-1000) is 0
    with np.errstate(all="raise", under="ignore"):
        yield
