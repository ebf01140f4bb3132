"""What a click asks for, done once all that was typed before it has come."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as w


class Settle:
    """Asks the page for an answer, which comes behind the values that it still holds back.

    Notes
    -----
    A page sends the next value of a widget only when the kernel has taken the one before, but
    a click at once: the click may overtake what was typed last. What the page sends when a link
    of its own moves is behind the values that waited.
    """

    def __init__(self) -> None:
        self.asked, self.answered = w.IntText(), w.IntText()
        self._link = w.jslink((self.asked, "value"), (self.answered, "value"))
        self._waiting: list[tuple[int, Callable[[], object]]] = []
        self.answered.observe(self._act, "value")

    def then(self, act: Callable[[], object]) -> None:
        """Do it when the page has sent all that was typed until now."""
        number = self.asked.value + 1
        self._waiting.append((number, act))
        self.asked.value = number

    def _act(self, change: dict[str, int]) -> None:
        due = [act for number, act in self._waiting if number <= change["new"]]
        del self._waiting[: len(due)]
        for act in due:
            act()
