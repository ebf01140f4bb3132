"""The example's own image: built from its Containerfile, and the workflow run in it."""

from pathlib import Path

import pytest

from .. import containers

EXAMPLES = Path(__file__).parents[2] / "examples"
BASE = "docker.io/library/python:3.11-slim"
IMAGE = "localhost/eodh/vegetation-extent:1.0"
#: What the same tools give as host commands.
AREA_KM2 = 1.9276
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


@pytest.fixture(scope="module")
def example_image(debian_image):
    """Build the image on a base of Debian's packages, by the name that the Containerfile gives."""
    if not (EXAMPLES / "data" / "scene").is_dir():
        pytest.skip("the example's data are not there (make examples/.ready)")
    try:
        containers.make_image(BASE, packages="python3,python3-pip,ca-certificates")
    except containers.NotHere as error:
        pytest.skip(f"there is no base for the image: {error}")
    # Packages come from where pip of this computer gets them.
    options = ["--network", "host"]
    if CERTIFICATES.is_file():
        options += ["--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro"]
        options += ["--env", f"PIP_CERT={CERTIFICATES}"]
    folder = str(EXAMPLES / "vegetation-extent")
    containers.podman("build", "-t", IMAGE, *options, folder, limit_s=900)
    return IMAGE


@pytest.mark.timeout(1200)
def test_example_runs_in_its_own_image(example_image, podman, environment, monkeypatch):
    from eodh_jupyter import Client

    monkeypatch.setenv("EODH_CONTAINERS", "auto")
    client = Client()
    process = client.deploy(EXAMPLES / "vegetation-extent" / "vegetation-extent.cwl")
    scene = EXAMPLES / "data" / "scene"

    job = process.launch(items=[scene / "west", scene / "east"])
    job.wait(300)

    assert round(job.results["area_km2"].value, 4) == AREA_KM2
    assert {step["image"] for step in job.steps()} == {example_image}
    assert len({step["image_id"] for step in job.steps()}) == 1
