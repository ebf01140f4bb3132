"""Runs the example from nothing to its result, as a scientist would from a script.

`--landsat` takes two Landsat 8 scenes instead, fetched the first time (73 MB).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "run" / "results"
BEGAN = time.monotonic()


def inputs(*, is_large: bool) -> dict[str, Any]:
    """Give the inputs: the valley of the example, or two Landsat scenes fifty times its size."""
    if not is_large:
        scene = HERE / "data" / "scene"
        return {"items": [scene / "west", scene / "east"]}
    subprocess.run([sys.executable, str(HERE / "fetch_landsat.py")], check=True)
    scenes = HERE / "data" / "landsat"
    # Their archive has no near infrared: green against red tells leaves from soil too.
    return {"items": [scenes / "224077", scenes / "224078"], "bands": ["green", "red"]}


def main() -> int:
    """Deploy, launch, watch, show the results; gives the exit code."""
    os.environ.setdefault("EODH_DATA", str(HERE.parent / "run" / "data"))
    os.environ.setdefault("EODH_CONTAINERS", "host")
    # The tools are installed beside this Python; a sandbox sees both, read-only.
    os.environ.setdefault("EODH_HOST_TOOLS", f"{sys.prefix}:{sys.base_prefix}")

    from eodh_jupyter import Client

    client = Client()
    print(f"The runner is ready after {time.monotonic() - BEGAN:.1f} s.")
    package = HERE / "vegetation-extent" / "vegetation-extent.cwl"
    process = client.deploy(package, replace=True)
    print(f"Deployed {process.id}: {process.title}")

    job = process.launch(**inputs(is_large="--landsat" in sys.argv[1:]))
    print(f"Launched job {job.id[:8]}")
    for event in job.events():
        if event["kind"] == "step" and event["data"]["state"] != "waiting":
            took = event["data"].get("wall_s")
            ending = f" in {took:.1f} s" if took is not None else ""
            print(f"  {event['data']['path']}: {event['data']['state']}{ending}")
    job.wait()

    print("The log of the last step:")
    for line in job.logs().splitlines()[-4:]:
        print(f"  {line}")
    results = job.results
    print(f"Vegetation covers {results['area_km2'].value:.2f} km2.")
    for name, title in (("mask", "mask"), ("preview", "picture"), ("stac", "catalogue")):
        print(f"The {title} is at {results[name].download(RESULTS)}")
    print(f"All of it took {time.monotonic() - BEGAN:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
