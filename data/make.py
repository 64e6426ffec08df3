"""Writes the tables of this folder from those that scikit-learn bundles. Run once: `python data/make.py`."""

import csv
from pathlib import Path

from sklearn import datasets

HERE = Path(__file__).parent

# The columns of the diabetes set in words; its source calls s1..s6 so in a footnote.
DIABETES = ["age", "sex", "bmi", "blood_pressure", "total_cholesterol", "ldl", "hdl"]
DIABETES += ["cholesterol_ratio", "log_triglycerides", "glucose"]


def words(name: str) -> str:
    return name.replace(" (cm)", "_cm").replace("/", "_").replace(" ", "_").lower()


def write(name: str, header: list[str], rows: list[list[object]]) -> None:
    with (HERE / f"{name}.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def short(x: float) -> float | int:
    return int(x) if x.is_integer() else x


def classes(name: str, bunch: object, target: str, names: list[str]) -> None:
    header = [words(str(feature)) for feature in bunch.feature_names] + [target]
    rows = [
        [*map(short, features.tolist()), names[label]] for features, label in zip(bunch.data, bunch.target, strict=True)
    ]
    write(name, header, rows)


def main() -> None:
    iris = datasets.load_iris()
    classes("iris", iris, "species", [str(n) for n in iris.target_names])
    wine = datasets.load_wine()
    classes("wine", wine, "cultivar", ["barolo", "grignolino", "barbera"])
    cancer = datasets.load_breast_cancer()
    classes("breast_cancer", cancer, "diagnosis", [str(n) for n in cancer.target_names])
    digits = datasets.load_digits()
    classes("digits", digits, "digit", [str(n) for n in digits.target_names])
    diabetes = datasets.load_diabetes(scaled=False)
    rows = [
        [short(x) for x in (*features.tolist(), target)]
        for features, target in zip(diabetes.data, diabetes.target.tolist(), strict=True)
    ]
    write("diabetes", [*DIABETES, "progression"], rows)


if __name__ == "__main__":
    main()
