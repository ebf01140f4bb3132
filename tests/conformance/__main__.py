"""`python -m tests.conformance`: a CWL suite on the local executor."""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from .suite import Skipped, Suite, read_suite


async def run(
    shared: Path,
    version: str,
    required: bool,
    only: str | None,
    uses_images: bool = False,
    executor: str = "local",
) -> int:
    """Run a suite; gives the number of failed tests."""
    cases = [c for c in read_suite(shared, version) if c.is_required or not required]
    cases = [c for c in cases if only is None or c.id == only]
    began, failed, skipped = time.monotonic(), [], []
    with tempfile.TemporaryDirectory(prefix="eodh-cwl-") as scratch:
        suite = _make(executor, Path(scratch), shared / "conformance", uses_images)
        await suite.start()
        gate = asyncio.Semaphore(3 if executor == "local" else 8)

        async def one(number, case):
            try:
                async with gate:
                    wrong = await suite.run(case, number)
            except Skipped as reason:
                skipped.append(case.id)
                print(f"SKIPPED {case.id}: {reason}")
                return
            if wrong:
                failed.append(case.id)
                print(f"FAILED {case.id}: {wrong}")

        await asyncio.gather(*(one(n, c) for n, c in enumerate(cases)))
        await suite.stop()
    passed = len(cases) - len(failed) - len(skipped)
    print(f"CWL v{version} in {time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    return len(failed)


def _make(executor: str, scratch: Path, root: Path, uses_images: bool) -> Suite:
    if executor == "kubernetes":
        from .on_cluster import ClusterSuite

        return ClusterSuite(scratch, root)
    return Suite(scratch, root, uses_images=uses_images)


def main() -> int:
    """Run the command line; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", default="1.2", choices=("1.0", "1.1", "1.2"))
    parser.add_argument("--required", action="store_true", help="only the required tests")
    parser.add_argument("--only", help="id of one test")
    parser.add_argument("--images", action="store_true", help="run tools in images, by podman")
    parser.add_argument("--executor", default="local", choices=("local", "kubernetes"))
    a = parser.parse_args()
    shared = Path(os.environ.get("CWL_CONFORMANCE", os.environ.get("EODH_SHARED", "../shared")))
    run_all = run(shared, a.version, a.required, a.only, a.images, a.executor)
    return 1 if asyncio.run(run_all) else 0


if __name__ == "__main__":
    sys.exit(main())
