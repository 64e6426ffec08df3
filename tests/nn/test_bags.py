"""A bag of any model answers with the mean of what its networks predict, or with the one that a row names."""

from dataclasses import replace

import numpy as np
import pytest
from toys import SHAPES, inputs, small
from unions import UNIONS, defaults

from netrain.nn.bag import Bag
from netrain.nn.build import build
from netrain.nn.losses import CrossEntropy
from netrain.nn.models import Model
from netrain.nn.pool import pool


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("model", defaults(UNIONS["model"]))
def test_its_answer_is_the_mean_of_the_probabilities_or_of_the_one_named(model: Model, shape: str) -> None:
    loss, x = CrossEntropy(), inputs(SHAPES[shape], 23, np.float32)
    networks = [build(small(model), SHAPES[shape], seed=seed, rows=8, pool=pool(loss)) for seed in (1, 2, 3)]
    for seed, network in enumerate(networks):
        network.flat.values *= np.random.default_rng(seed).uniform(0.5, 1.5, network.flat.values.shape)
    bag = Bag(build(small(model), SHAPES[shape], seed=9, rows=8, pool=pool(loss)), 3, pool(loss))
    for number, network in enumerate(networks):
        bag.put(number, network)
    each = np.stack([loss.link(network.predict(x)) for network in networks])
    np.testing.assert_allclose(loss.link(bag.predict(x)), each.mean(axis=0), rtol=1e-5, atol=1e-6)
    held = np.arange(23) % 3
    said = bag.predict(replace(x, held=held))
    np.testing.assert_allclose(loss.link(said), each[held, np.arange(23)], rtol=1e-5, atol=1e-6)
    assert bag.flat.trained == 3 * networks[0].flat.trained
