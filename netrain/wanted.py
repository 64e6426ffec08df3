"""What a config wants of its report."""

from __future__ import annotations

from pydantic import Field

from netrain.spec import Flag, Spec


class Report(Spec):
    """What the report of a run shows, and where."""

    rows: Flag = Field(True, description="single rows of the table may stand in it; false for one that may be mailed")
    page: Flag = Field(True, description="`report.html` is written beside `report.json`")
