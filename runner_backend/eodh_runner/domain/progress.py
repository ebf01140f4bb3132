"""How far a job is: counted in step runs, weighted by how long such runs took before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .event import StepState

#: The least that a step run takes: weights of nothing would say nothing.
MIN_S = 0.05
_FINISHED = (StepState.DONE, StepState.REUSED, StepState.FAILED)


@dataclass(frozen=True)
class StepTally:
    """The step runs of one name in one job."""

    #: The path without indices: `water_bodies/crop`.
    name: str
    #: Step runs by state.
    counts: Mapping[StepState, int]
    #: Runs of this name in a past job; 1 when there is none.
    expected_runs: float = 1.0
    #: Seconds of one run in past jobs; None when there is none.
    expected_s: float | None = None

    @property
    def seen(self) -> int:
        """Step runs that the engine asked for."""
        return sum(self.counts.values())

    @property
    def finished(self) -> int:
        """Step runs that ended by themselves, or need not run."""
        return sum(self.counts[state] for state in _FINISHED)

    @property
    def known(self) -> int:
        """Step runs that are known: those asked for, or one that is still to come."""
        return self.seen or (1 if self.expected_runs > 0 else 0)


@dataclass(frozen=True)
class StepCounts:
    """The step runs of a job in numbers."""

    #: Known by now.
    total: int
    #: Ended well, with those that were reused.
    done: int
    running: int
    failed: int
    reused: int

    @classmethod
    def of(cls, counts: Mapping[StepState, int], total: int | None = None) -> StepCounts:
        """Count by state; `total` where more are to come than were asked for."""
        return cls(
            total=sum(counts.values()) if total is None else total,
            done=counts[StepState.DONE] + counts[StepState.REUSED],
            running=counts[StepState.RUNNING],
            failed=counts[StepState.FAILED],
            reused=counts[StepState.REUSED],
        )


def add_up(tallies: Iterable[StepTally]) -> StepCounts:
    """Give the counts of a job that goes on."""
    together, total = dict.fromkeys(StepState, 0), 0
    for tally in tallies:
        total += tally.known
        for state, count in tally.counts.items():
            together[state] += count
    return StepCounts.of(together, total)


def share_done(tallies: Sequence[StepTally], elapsed_s: Mapping[str, Sequence[float]]) -> float:
    """Give the share of the work that is done, 0 to 1.

    Parameters
    ----------
    elapsed_s
        Seconds since the start of each step run that runs, by name; a run that is expected
        to take longer counts in part.
    """
    known = [max(tally.expected_s, MIN_S) for tally in tallies if tally.expected_s is not None]
    usual = sum(known) / len(known) if known else 1.0
    done = total = 0.0
    for tally in tallies:
        weight = usual if tally.expected_s is None else max(tally.expected_s, MIN_S)
        runs = tally.seen or tally.expected_runs
        total += weight * runs
        done += weight * tally.finished
        if tally.expected_s is not None:
            done += sum(min(passed, weight) for passed in elapsed_s.get(tally.name, ()))
    return min(1.0, done / total) if total > 0 else 0.0
