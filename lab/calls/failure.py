"""What a call test fails with: what was expected, what happened, and where to look."""

from __future__ import annotations

from typing import Any


class CallError(AssertionError):
    """Something on the telephone was not as the test says."""

    def __init__(self, expected: str, happened: str, context: str = "") -> None:
        """``context`` is the call so far, the clock, and the folder of the evidence."""
        told = f"expected {expected}\n  happened {happened}"
        super().__init__(f"{told}\n{context}" if context else told)
        self.expected = expected
        self.happened = happened


def hide(failure: Any) -> bool:  # noqa: ANN401 - pytest's ExceptionInfo, and pytest is not needed here
    """Whether pytest leaves our own frames out of a traceback: a call that failed is no mistake of the lab's."""
    return isinstance(failure.value, CallError)
