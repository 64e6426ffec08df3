"""report.html: what people look at."""

from netrain.page.document import page

__all__ = ["page"]
