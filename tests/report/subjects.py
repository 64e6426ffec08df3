"""A report's subject, from the files of a run."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from netrain.config import read_config
from netrain.doctor import Patient, patient_of
from netrain.experiment import threads
from netrain.prepare import again, read_tables
from netrain.report import Subject, part_scores, subject_of
from netrain.runs.bundle import as_frame, load_bundle
from netrain.runs.run import Run


def subject_in(path: Path, part: str = "test") -> tuple[Subject, Patient]:
    """A part of a finished run with its network."""
    run = Run(path)
    source, bundle = read_config(run.config), load_bundle(run.best)
    reads = read_tables(source, bundle.preprocessor)
    patient = patient_of(again(source, run.split_record(), bundle.preprocessor, bundle.coding, reads), reads.table)
    with threads(bundle.config, bundle.network):
        _, prediction = part_scores(bundle.loss, bundle.coding, bundle.network, patient.experiment.parts[part])
    return subject_of(patient, bundle.network, part, prediction), patient


class Estimator:
    """What scikit-learn's inspection needs, around a subject's network and cells by number of column."""

    classes_: Any

    def __init__(self, subject: Subject, kind: str) -> None:
        self.subject, self._estimator_type = subject, kind
        self.names = subject.frame.columns
        self.classes_ = np.array([0, 1])

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, RegressorTags, Tags, TargetTags

        kinds = {"classifier_tags": ClassifierTags()} if self._estimator_type == "classifier" else {}
        kinds |= {"regressor_tags": RegressorTags()} if self._estimator_type == "regressor" else {}
        return Tags(estimator_type=self._estimator_type, target_tags=TargetTags(required=True), **kinds)

    def fit(self, *_: Any) -> "Estimator":
        return self

    def predict(self, frame: Any) -> Any:
        p = self.answers(frame)
        return p.argmax(axis=1) if self._estimator_type == "classifier" else p[:, 0]

    def predict_proba(self, frame: Any) -> Any:
        return self.answers(frame)

    def answers(self, frame: Any) -> Any:
        return self.subject.predict(self.subject.preprocessor.transform(as_frame(frame)))


def shown_without_rows(subject: Subject) -> Subject:
    """The same, for a report that may be mailed."""
    report = subject.config.report.model_copy(update={"rows": False})
    return replace(subject, config=subject.config.model_copy(update={"report": report}))
