"""Cores and memory that running steps share."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

#: A step that was passed over this often goes next, whatever waits behind it.
PATIENCE = 50


@dataclass(eq=False)
class _Waiter:
    cores: float
    ram_mib: int
    granted: asyncio.Future[None]
    passed: int = field(default=0)


class Budget:
    """First come, first served; a small step may pass a large one that does not fit yet."""

    def __init__(self, cores: float, ram_mib: int) -> None:
        self.cores, self.ram_mib = cores, ram_mib
        self._free_cores, self._free_ram = cores, ram_mib
        self._waiting: deque[_Waiter] = deque()
        self._holders = 0

    @asynccontextmanager
    async def hold(self, cores: float, ram_mib: int) -> AsyncIterator[None]:
        """Hold a share while the block runs; asks for no more than all there is."""
        future = asyncio.get_running_loop().create_future()
        waiter = _Waiter(min(cores, self.cores), min(ram_mib, self.ram_mib), future)
        self._waiting.append(waiter)
        self._grant()
        try:
            await future
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            else:
                self._release(waiter)
            raise
        try:
            yield
        finally:
            self._release(waiter)

    def describe(self) -> dict[str, float]:
        """Give all there is, what running steps hold of it, and how many run and wait."""
        return {
            "cores": self.cores,
            "cores_used": round(self.cores - self._free_cores, 3),
            "ram_mib": self.ram_mib,
            "ram_mib_used": self.ram_mib - self._free_ram,
            "steps_running": self._holders,
            "steps_waiting": len(self._waiting),
        }

    def _release(self, waiter: _Waiter) -> None:
        self._holders -= 1
        self._free_cores += waiter.cores
        self._free_ram += waiter.ram_mib
        self._grant()

    def _grant(self) -> None:
        for waiter in list(self._waiting):
            # Shares are floats that come and go: compare with a margin.
            fits = waiter.cores <= self._free_cores + 1e-6 and waiter.ram_mib <= self._free_ram
            if fits:
                self._waiting.remove(waiter)
                self._holders += 1
                self._free_cores -= waiter.cores
                self._free_ram -= waiter.ram_mib
                if not waiter.granted.done():
                    waiter.granted.set_result(None)
            else:
                waiter.passed += 1
                if waiter.passed > PATIENCE:
                    return
