"""The browser that looks at pages, where the machine has one."""

import shutil

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
# No package of Python brings a browser, so a machine may have none; what a page holds is tested without one, too.
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium on the path")
