"""All that the doctor looks for, in the order in which it is told."""

from __future__ import annotations

from netrain.doctor.columns import codes, idle, ids, misread, nearly_empty, sentinels, undated, unseen
from netrain.doctor.leaks import leaks
from netrain.doctor.order import grouped, in_time
from netrain.doctor.patient import Patient
from netrain.doctor.rows import contradicting, rare_classes, repeated
from netrain.doctor.started import trained_on
from netrain.finding import Finding


def examine(patient: Patient) -> tuple[Finding, ...]:
    """Every finding of a table under its split, the gravest first.

    What follows from a column's being misread is not told beside it: once mended, the column has other levels or none.
    """
    as_text = [*misread(patient)]
    names = {name for finding in as_text for name in finding.columns}
    return (
        *trained_on([patient.experiment.record]),
        *leaks(patient),
        *as_text,
        *codes(patient),
        *sentinels(patient),
        *repeated(patient),
        *in_time(patient),
        *grouped(patient),
        *contradicting(patient),
        *rare_classes(patient),
        *(finding for finding in unseen(patient) if names.isdisjoint(finding.columns)),
        *ids(patient),
        *undated(patient),
        *nearly_empty(patient),
        *idle(patient),
    )
