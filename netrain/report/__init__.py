"""The figures of a run, as report.json keeps them."""

from netrain.report.build import Story, build_report, part_report, subject_of, subject_of_table, versions
from netrain.report.figures import figures_of, table_figures
from netrain.report.scoring import baseline, details, intervals, part_scores
from netrain.report.subject import Subject

__all__ = [
    "Story",
    "Subject",
    "baseline",
    "build_report",
    "details",
    "figures_of",
    "intervals",
    "part_report",
    "part_scores",
    "subject_of",
    "subject_of_table",
    "table_figures",
    "versions",
]
