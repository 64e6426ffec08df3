from itertools import pairwise
from math import cos, log2, pi

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unions import members, variants

from netrain.nn.schedules import (
    Constant,
    Cosine,
    CosineRestarts,
    CosLog,
    Exponential,
    FlatCosine,
    Linear,
    OneCycle,
    Plateau,
    Schedule,
    Step,
    Sweep,
)

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


# the factor in the middle between 1 and a floor
MIDDLE = {Linear: lambda floor: (1 + floor) / 2, Cosine: lambda floor: (1 + floor) / 2, Exponential: lambda f: f**0.5}


@pytest.mark.parametrize("kind", MIDDLE)
@pytest.mark.parametrize("warmup", [0.0, 0.2])
@pytest.mark.parametrize("floor", [0.01, 0.1])
def test_one_that_falls_does_so_from_one_to_its_floor(kind, warmup, floor):
    schedule, total = kind(warmup=warmup, floor=floor), 1000
    start = int(warmup * total)
    found = [schedule(step, total, []) for step in range(start, total + 1)]
    assert found[0] == 1.0
    assert found[len(found) // 2] == pytest.approx(MIDDLE[kind](floor), rel=1e-12)
    assert found[-1] == pytest.approx(floor, rel=1e-12)
    assert all(a > b for a, b in pairwise(found))


@pytest.mark.parametrize("kind", [Linear, Cosine])
def test_a_floor_of_nothing_is_reached(kind):
    assert kind()(1000, 1000, []) == pytest.approx(0.0, abs=1e-15)


def test_linear_and_exponential_fall_alike_in_every_step():
    linear = [Linear(floor=0.5)(step, 100, []) for step in range(100)]
    assert [a - b for a, b in pairwise(linear)] == pytest.approx([0.005] * 99, rel=1e-9)
    exponential = [Exponential(floor=0.5)(step, 100, []) for step in range(100)]
    assert [b / a for a, b in pairwise(exponential)] == pytest.approx([0.5**0.01] * 99, rel=1e-9)


def test_step_drops_after_equal_parts():
    found = [Step(factor=0.5, drops=3)(step, 8, []) for step in range(8)]
    assert found == [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]
    assert Step(factor=0.5, drops=3)(8, 8, []) == 0.125


def test_step_drops_after_warmup_too():
    found = [Step(factor=0.5, drops=1, warmup=0.2)(step, 10, []) for step in range(10)]
    assert found == [0.5, 1.0, *[1.0] * 4, *[0.5] * 4]


def test_one_cycle_rises_by_half_a_cosine_and_falls_by_another():
    schedule, total = OneCycle(rise=0.25, start_div=10.0, end_div=100.0), 400
    for step in range(total + 1):
        if step < 100:
            expected = 0.1 + 0.9 * (1 - cos(pi * step / 100)) / 2
        else:
            expected = 0.01 + 0.99 * (1 + cos(pi * (step - 100) / 300)) / 2
        assert schedule(step, total, []) == pytest.approx(expected, rel=1e-12)


def test_one_cycle_may_start_at_its_peak():
    assert OneCycle(rise=0.0)(0, 100, []) == 1.0


@pytest.mark.parametrize(("growth", "starts"), [(1.0, [0, 100, 200, 300]), (2.0, [0, 20, 60, 140, 300])])
def test_each_restart_is_a_cosine_of_its_own(growth, starts):
    schedule, total = CosineRestarts(cycles=len(starts) - 1, growth=growth, floor=0.1), starts[-1]
    for start, end in pairwise(starts):
        for step in range(start, end):
            expected = Cosine(floor=0.1)(step - start, end - start, [])
            assert schedule(step, total, []) == pytest.approx(expected, rel=1e-9)
    assert schedule(total, total, []) == pytest.approx(0.1, rel=1e-12)


def test_a_single_cycle_is_cosine():
    one = CosineRestarts(cycles=1, warmup=0.1)
    assert all(one(step, 50, []) == pytest.approx(Cosine(warmup=0.1)(step, 50, [])) for step in range(50))


@pytest.mark.parametrize(
    ("history", "drops"),
    [
        ([], 0),
        ([5.0, 4.0, 3.0], 0),
        ([5.0, 5.0], 0),
        ([5.0, 5.0, 6.0], 1),
        ([5.0, 6.0, 6.0, 5.5], 1),  # a second drop takes two epochs again
        ([5.0, 6.0, 6.0, 5.5, 5.1], 2),
        ([5.0, 6.0, 4.0, 6.0, 3.0], 0),
        ([5.0, None, None, None, 6.0], 0),  # nothing is known of epochs without a figure
        ([5.0, None, 6.0, None, 6.0], 1),
        ([float("nan"), float("nan"), 5.0], 1),
        ([-1.0, -2.0, -2.0, -1.5, -1.7, -1.9], 2),
    ],
)
def test_plateau_drops_after_epochs_without_a_better_figure(history, drops):
    schedule = Plateau(factor=0.5, epochs=2)
    assert schedule(3, 10, history) == 0.5**drops
    assert schedule(3, 1000, history) == 0.5**drops


def test_sweep_rises_by_equal_shares_to_its_factor():
    found = [Sweep(factor=1000.0)(step, 4, []) for step in range(4)]
    assert found == pytest.approx([1.0, 10.0, 100.0, 1000.0], rel=1e-12)


def test_coslog_is_the_formula_at_the_middle_of_each_step():
    total = 300
    for step in range(total):
        t = (step + 0.5) / total
        expected = 0.5 * (1 - cos(2 * pi * log2(1 + 15 * t)))
        assert CosLog()(step, total, []) == pytest.approx(expected, rel=1e-12)
    assert CosLog()(0, 10**6, []) == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize("end", [1 / 15, 3 / 15, 7 / 15, 1.0])
def test_the_waves_of_coslog_end_where_the_paper_has_it(end):
    assert CosLog()(round(end * 10**6), 10**6, []) == pytest.approx(0.0, abs=1e-7)


def test_flat_cosine_is_the_formula():
    for step in range(101):
        expected = 1.0 if step < 50 else 0.5 * (1 + cos(pi * (2 * step / 100 - 1)))
        assert FlatCosine()(step, 100, []) == pytest.approx(expected, rel=1e-12)
