"""All that is looked for in a course, in the order in which it matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from netrain.advice.answers import collapse, dead_units, small_validation
from netrain.advice.course import Course, course_of
from netrain.advice.fitting import no_better, overfitting, underfitting
from netrain.advice.speed import exploding, too_high, too_low, unfinished
from netrain.config import Config
from netrain.finding import Finding

LEADING = frozenset({"rate_too_high", "exploding_gradients", "rate_too_low"})  # with them, all else may be their fault


def diagnose(course: Course) -> tuple[Finding, ...]:
    """What the curves of a training show and what to try, the most important first; nothing for a healthy one.

    What may be no more than an effect of another finding is not told beside it.
    """
    if not course.best_epoch or len(course.epochs) < course.best_epoch:  # the log is not of this training
        return ()
    found = [*too_high(course), *exploding(course)]
    found += () if found else underfitting(course)
    found += () if found else too_low(course)
    found += () if found else unfinished(course)
    found += overfitting(course)
    kinds = {finding.kind for finding in found}
    found += () if "rate_too_high" in kinds else dead_units(course)
    found += () if LEADING & kinds else collapse(course)
    found += small_validation(course)
    found += () if LEADING & kinds else no_better(course)
    return tuple(map(may_follow, found) if course.config.training.start_from else found)


def may_follow(finding: Finding) -> Finding:
    """A finding for a network that started from another run, whose model is not to be changed."""
    return replace(finding, settings=tuple(s for s in finding.settings if not s.startswith("model.")))


def advise(config: Config, report: Mapping[str, Any], epochs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The findings of a run as its report keeps them, from its figures and its log."""
    return [finding.to_json() for finding in diagnose(course_of(config, report, epochs))]
