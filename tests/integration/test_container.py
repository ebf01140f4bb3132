"""Images run by a real podman and a real docker."""

import asyncio
import json
import os
import signal

import pytest
from eodh_runner.domain.failure import FailureClass, StepFailed
from eodh_runner.domain.step import WORKDIR, Image

from eodh_jupyter import JobFailed

from .. import containers
from .bench import Bench, until
from .conftest import stop

ENTRY = "localhost/eodh-test-entry:2"
ENTRY_CHANGES = ('ENTRYPOINT ["/bin/bash","-c"]', "ENV A=of-image", "ENV B=of-image")


@pytest.fixture(params=["podman", "auto", "docker"])
def bench(request, tmp_path, debian_image, ask):
    bench = Bench(tmp_path, containers=request.param)
    bench.image = debian_image
    return bench


@pytest.fixture
def ask(request):
    """Give a function that runs the client of the bench's engine."""
    is_docker = request.node.callspec.params["bench"] == "docker"
    return request.getfixturevalue("docker" if is_docker else "podman")


@pytest.fixture
def entry_image(bench, ask):
    """Give an image with an ENTRYPOINT and an ENV."""
    if bench.settings["containers"] == "docker":
        return ask.make_image(ENTRY, ENTRY_CHANGES)
    return containers.make_image(ENTRY, ENTRY_CHANGES)


async def test_run_entrypoint_and_env_come_from_the_image_and_cwl_wins(bench, entry_image):
    bench.image = entry_image
    env = {"HOME": WORKDIR, "TMPDIR": "/tmp", "B": "of-cwl"}

    done = await bench.run("", argv=("echo $A $B $HOME $PWD; cat /etc/os-release",), env=env)

    assert done.exit_code == 0
    lines = bench.log().decode().splitlines()
    assert lines[0] == f"of-image of-cwl {WORKDIR} {WORKDIR}"
    assert any("bookworm" in line for line in lines)


async def test_run_in_an_image_sees_no_network_and_nothing_of_the_computer(bench, tmp_path):
    (tmp_path / "private").write_text("private-text")

    done = await bench.run(
        f"cat {tmp_path}/private; cat /proc/net/route | wc -l; ls -d /root/.* | wc -l;"
        "touch /x /usr/x /etc/x && echo wrote; touch here && ls -n here; id -u; env"
    )

    text = bench.log().decode()
    assert done.exit_code == 0
    assert "private-text" not in text
    assert "wrote" not in text
    assert "CONTAINERS_CONF" not in text
    assert text.splitlines().count("1") >= 1  # the header alone: no route


@pytest.mark.parametrize(("has_network", "least"), [(False, 1), (True, 2)])
async def test_run_in_an_image_has_a_network_only_with_network_access(bench, has_network, least):
    if has_network and bench.settings["containers"] == "docker":
        pytest.skip("the tests' docker daemon has no bridge")
    done = await bench.run("grep -c : /proc/net/dev", has_network=has_network)

    assert done.exit_code == 0
    found = int(bench.log())
    assert found >= least if has_network else found == least


async def test_run_in_an_image_past_its_memory_is_told_apart(bench):
    script = "exec python3 -c \"a = [bytearray(b'x' * (8 << 20)) for _ in range(40)]\""

    done = await bench.run(script, ram_max_mib=100)

    assert (done.exit_code, done.failure["class"]) == (None, "memory")
    assert "100 MiB" in done.failure["message"]


async def test_run_in_an_image_exit_125_of_the_tool_is_its_own(bench):
    done = await bench.run("exit 125")

    assert (done.exit_code, done.failure) == (125, None)


async def test_wrapper_killed_outright_leaves_no_container(bench, ask):
    task = asyncio.create_task(bench.run("echo on; exec sleep 4721"))
    await until(lambda: ("log", 3) in bench.reports)
    pid = json.loads((bench.control / "job/crop.0/1/pid").read_text())[0]

    os.kill(pid, signal.SIGKILL)
    done = await task

    assert done.failure["class"] == "infrastructure"
    await until(lambda: "eodh-" not in ask("ps", "--all", "--format", "{{.Names}}"))


async def test_dismiss_ends_the_container_at_once(bench, ask):
    task = asyncio.create_task(bench.run("trap '' TERM; echo on; sleep 4722 & wait; sleep 4722"))
    await until(lambda: ("log", 3) in bench.reports)

    await bench.executor.dismiss("ws", "job")
    done = await task

    assert "dismissed" in done.failure["message"]
    assert "eodh-" not in ask("ps", "--all", "--format", "{{.Names}}")


async def test_find_image_gives_id_digest_and_platform(bench, ask):
    name = bench.image
    said = json.loads(ask("image", "inspect", name))[0]

    found = await bench.executor.find_image(Image(pull=name), bench.report)

    assert found.id == "sha256:" + said["Id"].removeprefix("sha256:")
    # Docker knows a digest of what came from a registry alone.
    assert found.digest == said.get("Digest")
    assert found.platform == f"linux/{said['Architecture']}"
    assert bench.reports == []


async def test_find_image_that_no_registry_gives_says_so(bench):
    with pytest.raises(StepFailed) as caught:
        await bench.executor.find_image(Image(pull="127.0.0.1:9/none/such:1"), bench.report)

    failure = caught.value.failure
    assert failure.kind is FailureClass.IMAGE
    assert failure.message.startswith("the image 127.0.0.1:9/none/such:1 cannot be had: ")
    assert "connection refused" in failure.message
    assert "127.0.0.1:9" in failure.remedy


@pytest.fixture
def image_tool(debian_image):
    """Give what makes a workflow of two tools in one image, one after the other."""

    def make(first: str, image: str = debian_image) -> bytes:
        run = {
            "class": "CommandLineTool",
            "hints": {"DockerRequirement": {"dockerPull": image}},
            "inputs": {"after": "File?"},
            "outputs": {"out": "stdout"},
            "stdout": "out.txt",
        }
        document = {
            "cwlVersion": "v1.2",
            "class": "Workflow",
            "id": "two",
            "inputs": {"x": "string?"},
            "outputs": {"out": {"type": "File", "outputSource": "second/out"}},
            "steps": {
                "first": {
                    "run": {**run, "baseCommand": ["sh", "-c", first]},
                    "in": {},
                    "out": ["out"],
                },
                "second": {
                    "run": {
                        **run,
                        "baseCommand": ["sh", "-c", "echo second; cat /etc/which || true"],
                    },
                    "in": {"after": "first/out"},
                    "out": ["out"],
                },
            },
        }
        return json.dumps(document).encode()

    return make


@pytest.fixture(params=["podman", "auto"])
def on_images(request, podman, environment, monkeypatch):
    """Let the runner of this test run images by podman, in either way."""
    monkeypatch.setenv("EODH_CONTAINERS", request.param)


def until_running(job, step):
    for event in job.events():
        if event["kind"] == "step":
            seen = (event["data"]["path"], event["data"]["state"])
            if seen == (step, "running"):
                return
    raise AssertionError(f"{step} never ran: {job.status}")


def test_steps_show_the_image_by_digest_and_platform(on_images, client, image_tool, podman):
    job = client.deploy(image_tool("echo first")).launch()

    job.wait(120)

    digest = json.loads(podman("image", "inspect", containers.IMAGE))[0]["Digest"]
    for step in job.steps():
        assert step["image"] == containers.IMAGE
        assert step["image_digest"] == digest
        assert step["image_platform"].startswith("linux/")


def test_tag_that_moves_while_the_job_runs_changes_nothing(on_images, client, image_tool, podman):
    name = f"localhost/eodh-test-moving-{os.getpid()}:1"
    podman("tag", containers.IMAGE, name)
    try:
        job = client.deploy(image_tool("echo on >&2; sleep 2", name)).launch()
        until_running(job, "first")
        podman("tag", containers.make_image(ENTRY, ENTRY_CHANGES), name)
        job.wait(120)
    finally:
        podman("untag", name)

    first, second = job.steps()
    assert first["image_id"] == second["image_id"]


def test_runner_killed_in_mid_run_joins_the_container_again(
    on_images, client, environment, image_tool
):
    job = client.deploy(image_tool("echo ran; echo on >&2; sleep 2")).launch()
    until_running(job, "first")
    stop(environment, signal.SIGKILL)

    result = client.job(job.id).wait(120).results.out.text()

    assert result.startswith("second\n")
    first = client.job(job.id).steps()[0]
    assert (first["attempt"], first["wall_s"] > 1.9) == (1, True)


def test_image_that_cannot_be_had_fails_the_job_with_the_choices(on_images, client, image_tool):
    job = client.deploy(image_tool("true", "127.0.0.1:9/none/such:1")).launch()

    with pytest.raises(JobFailed) as caught:
        job.wait(120)

    failure = caught.value.failure
    assert failure.kind == "image"
    assert "127.0.0.1:9/none/such:1 cannot be had" in failure.message
    assert "reaches 127.0.0.1:9" in failure.remedy
    assert any("pulling the image" in str(e["data"].get("waiting")) for e in job.events())
