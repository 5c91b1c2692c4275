"""The call test in the README is run as it is printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import pytest

from lab.calls import Lab
from tests.samples import ROOT

pytestmark = pytest.mark.engine


@pytest.mark.lab(site="lab/sites/demo")
def test_the_example_of_the_readme(lab: Lab) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {"pytest": pytest}
    exec(example, names)  # noqa: S102 - our own README
    (run,) = [each for name, each in names.items() if name.startswith("test_")]
    cast("Callable[[Lab], None]", run)(lab)
