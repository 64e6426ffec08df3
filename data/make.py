"""Writes the tables of this folder: from those that scikit-learn bundles, and two of bicycle rentals that are made up.

Run once: `python data/make.py`.
"""

import csv
import math
import random
from datetime import datetime, timedelta
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


STATIONS = {"harbour": 0.9, "market": 0.6, "museum": 0.2, "park": 0.4, "station": 1.2, "university": 0.7}
RENTALS = ["station", "opened", "temperature", "wind", "holiday", "rentals", "revenue", "busy", "rainy", "hours"]
RENTALS += ["part"]


def rentals(name: str, first: datetime, rows: int, seed: int) -> None:
    """Hours of bicycle rentals, made up: counts that depend on place, time, weather; some readings are missing."""
    rng = random.Random(seed)
    lines: list[list[object]] = []
    for i in range(rows):
        opened = first + timedelta(hours=7 * i + rng.randrange(7))
        station = rng.choice(list(STATIONS))
        year, day = 2 * math.pi * opened.timetuple().tm_yday / 365, 2 * math.pi * opened.hour / 24
        temperature = 11 - 10 * math.cos(year) - 3 * math.cos(day) + rng.gauss(0, 2)
        rainy, holiday = rng.random() < 0.25, rng.random() < 0.1
        wind = rng.lognormvariate(1.2, 0.6)
        log_mean = 0.8 + STATIONS[station] + 0.04 * temperature - 0.9 * rainy - 0.03 * wind - 0.7 * math.cos(day)
        mean = math.exp(log_mean + 0.4 * (opened.weekday() >= 5 or holiday))
        count = max(0, round(rng.gauss(mean, math.sqrt(mean))))
        part = rng.choices(["train", "valid", "test"], [0.7, 0.15, 0.15])[0]
        lines.append(
            [
                station,
                opened.strftime("%Y-%m-%d %H:%M"),
                "" if rng.random() < 0.06 else round(temperature, 1),
                round(wind, 1),
                "yes" if holiday else "no",
                count,
                round(count * rng.uniform(2.0, 3.5), 2),
                "yes" if count > 8 else "no",
                "yes" if rainy else "no",
                rng.choice([1, 1, 1, 2]),
                part,
            ]
        )
    write(name, RENTALS, lines)


def main() -> None:
    rentals("rentals", datetime(2024, 1, 1), 1200, seed=0)
    rentals("rentals_next_year", datetime(2025, 1, 1), 300, seed=1)
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
