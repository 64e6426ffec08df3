from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unions import members, variants

from netrain.nn.schedules import Constant, Cosine, Schedule

METRICS = st.lists(st.none() | st.floats(-1e6, 1e6), max_size=5)

every_variant = pytest.mark.parametrize("schedule", variants(Schedule))


@every_variant
@settings(deadline=None)
@given(total=st.integers(1, 10**6), share=st.floats(0, 1), history=METRICS)
def test_a_factor_is_a_pure_share(schedule, total, share, history):
    step = min(int(share * total), total - 1)
    kept = list(history)
    factor = schedule(step, total, history)
    assert 0 <= factor <= 1
    assert factor == schedule(step, total, history)
    assert history == kept


@every_variant
@settings(deadline=None)
@given(totals=st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), share=st.floats(0, 1), history=METRICS)
def test_one_that_does_not_look_ahead_ignores_the_total(schedule, totals, share, history):
    if not schedule.looks_ahead:
        step = int(share * (min(totals) - 1))
        assert schedule(step, totals[0], history) == schedule(step, totals[1], history)


@every_variant
def test_one_that_looks_ahead_heeds_the_total(schedule):
    differs = any(schedule(step, 10, []) != schedule(step, 1000, []) for step in range(10))
    assert differs == schedule.looks_ahead


@pytest.mark.parametrize("member", [m for m in members(Schedule) if "warmup" in m.model_fields])
@pytest.mark.parametrize("warmup", [0.25, 0.5])
def test_warmup_is_a_line_from_above_zero_to_one(member, warmup):
    total, schedule = 80, member(warmup=warmup)
    length = int(warmup * total)
    found = [schedule(step, total, []) for step in range(length + 1)]
    assert found == pytest.approx([(step + 1) / length for step in range(length)] + [1.0], rel=1e-12)


@every_variant
def test_the_first_step_moves_in_the_shortest_run(schedule):
    assert schedule(0, 1, []) > 0


def test_constant_is_one():
    assert {Constant()(step, 100, []) for step in range(100)} == {1.0}


@pytest.mark.parametrize("warmup", [0.0, 0.2])
@pytest.mark.parametrize("floor", [0.0, 0.1])
def test_cosine_falls_from_one_to_its_floor(warmup, floor):
    schedule, total = Cosine(warmup=warmup, floor=floor), 1000
    start = int(warmup * total)
    found = [schedule(step, total, []) for step in range(start, total + 1)]
    assert found[0] == 1.0
    assert found[len(found) // 2] == pytest.approx((1 + floor) / 2, rel=1e-12)
    assert found[-1] == pytest.approx(floor, abs=1e-15)
    assert all(a > b for a, b in pairwise(found))
