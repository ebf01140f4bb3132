"""Tells readers that something changed, without a thread or a poll per reader."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from dataclasses import dataclass

MAX_TOPICS = 4096


@dataclass(frozen=True)
class Token:
    """A moment on a topic; taken before reading, so that no change is missed."""

    topic: str
    moment: int


class Watch:
    """Topics with the moment of their last change; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._moment = 0
        self._changed: OrderedDict[str, int] = OrderedDict()
        self._forgotten = 0
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}

    def token(self, topic: str) -> Token:
        """Give the present moment of a topic."""
        with self._lock:
            return Token(topic, self._moment)

    def notify(self, *topics: str) -> None:
        """Say that the topics changed."""
        with self._lock:
            self._moment += 1
            waiting: list[asyncio.Future[None]] = []
            for topic in topics:
                self._changed[topic] = self._moment
                self._changed.move_to_end(topic)
                waiting.extend(self._waiting.pop(topic, ()))
            while len(self._changed) > MAX_TOPICS:
                self._forgotten = self._changed.popitem(last=False)[1]
        for future in waiting:
            future.get_loop().call_soon_threadsafe(_finish, future)

    async def wait(self, token: Token, timeout_s: float) -> bool:
        """Wait for a change after the token; False when none came in time."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._changed.get(token.topic, self._forgotten) > token.moment:
                return True
            self._waiting.setdefault(token.topic, set()).add(future)
        try:
            await asyncio.wait_for(future, timeout_s)
        except TimeoutError:
            return False
        else:
            return True
        finally:
            with self._lock:
                group = self._waiting.get(token.topic)
                if group is not None:
                    group.discard(future)
                    if not group:
                        del self._waiting[token.topic]


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
