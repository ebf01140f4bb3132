"""The main job on a real runner: deploy, launch, watch, results, failures, restarts."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eodh_jupyter import JobFailed
from eodh_jupyter.errors import Problem

from .conftest import python, runner_pid, stop, tool

SCATTER = """
cwlVersion: v1.2
$graph:
- class: Workflow
  id: many
  requirements: [{class: ScatterFeatureRequirement}]
  inputs: {xs: "string[]", ledger: string}
  outputs: {outs: {type: "File[]", outputSource: one/out}}
  steps:
    one: {run: "#one", scatter: x, in: {x: xs}, out: [out]}
- class: CommandLineTool
  id: one
  baseCommand: [sh, -c, 'echo "ran $0"; sleep 0.4; echo "did $0" >&2']
  inputs: {x: {type: string, inputBinding: {}}}
  stdout: out.txt
  outputs: {out: stdout}
"""


def launch(client, document, **inputs):
    return client.deploy(document, replace=True).launch(**inputs)


def failure_of(job):
    with pytest.raises(JobFailed) as caught:
        job.wait(120)
    return caught.value.failure


def test_job_runs_to_its_results_and_logs(client):
    job = launch(client, tool('echo "hello $0"; echo noise >&2'), x="you")

    assert job.wait(60).results.out.text() == "hello you\n"
    assert job.logs() == "noise\n"
    assert [step["state"] for step in job.steps()] == ["done"]


def test_link_to_a_result_that_is_a_file_of_this_computer_is_refused(client):
    job = launch(client, tool("echo x")).wait(60)

    with pytest.raises(Problem, match="have no links"):
        client._http.request("GET", f"{job.results.out.href}?f=link")


def test_events_are_contiguous_and_end_with_the_job(client):
    job = launch(client, SCATTER, xs=["a", "b", "c"], ledger="")

    events = list(job.events())

    assert [e["seq"] for e in events] == list(range(1, len(events) + 1))
    assert events[-1]["data"]["status"] == "successful"
    progress = [e["data"]["progress"] for e in events if e["kind"] == "progress"]
    assert progress == sorted(progress)


def test_log_is_followed_while_the_step_runs(client):
    job = launch(client, tool("for i in 1 2 3; do echo line $i >&2; sleep 0.3; done"))
    while not job.steps():
        time.sleep(0.05)

    arrived = [(line, time.monotonic()) for line in job.follow_log("tool")]

    assert [line for line, _ in arrived] == ["line 1", "line 2", "line 3"]
    assert arrived[-1][1] - arrived[0][1] > 0.3


@pytest.mark.parametrize(
    ("command", "more", "kind", "says"),
    [
        ("echo 'Error: boom' >&2; exit 3", {}, "command", "ended with code 3"),
        ("kill -9 $$", {}, "command", "signal 9"),
        ("exec nowhere-to-be-found", {}, "command", "not found"),
        (
            "sleep 60",
            {"requirements": {"ToolTimeLimit": {"timelimit": 1}}},
            "time",
            "took longer than its 1 s",
        ),
        (
            "true",
            {"outputs": {"out": {"type": "File", "outputBinding": {"glob": "no-such"}}}},
            "document",
            "no-such",
        ),
        (
            "ln -s /etc/passwd leak",
            {"outputs": {"out": {"type": "File", "outputBinding": {"glob": "leak"}}}},
            "document",
            "leaves the folder",
        ),
        (
            "head -c 600000000 /dev/zero | tail | sleep 20",
            {"requirements": {"ResourceRequirement": {"ramMin": 64, "ramMax": 128}}},
            "memory",
            "needed more than its",
        ),
        (
            "true",
            {"requirements": {"ResourceRequirement": {"coresMin": 10000}}},
            "scheduling",
            "asks for 10000 cores",
        ),
    ],
)
def test_failure_is_explained(client, command, more, kind, says):
    failure = failure_of(launch(client, tool(command, **more)))

    assert failure["class"] == kind
    assert says in failure["message"]
    assert failure["remedy"]


def test_tool_that_fails_shows_the_line_of_its_log(client):
    failure = failure_of(launch(client, tool("echo fine >&2; echo 'Error: boom' >&2; exit 3")))

    assert failure["log_line"] == "Error: boom"
    assert failure["exit_code"] == 3


def test_log_that_floods_is_cut_and_the_job_goes_on(environment, monkeypatch):
    from eodh_jupyter import Client

    monkeypatch.setenv("EODH_LOG_LIMIT_BYTES", "100000")
    job = launch(Client(), tool("head -c 5000000 /dev/zero | tr '\\0' x >&2; echo done"))

    assert job.wait(60).results.out.text() == "done\n"
    assert "not kept" in job.logs()
    assert len(job.logs()) < 300_000


def test_output_beyond_the_disk_limit_fails_as_storage(environment, monkeypatch):
    from eodh_jupyter import Client

    monkeypatch.setenv("EODH_DISK_LIMIT_MIB", "4")
    failure = failure_of(launch(Client(), tool("head -c 20000000 /dev/zero; sleep 5")))

    assert failure["class"] == "storage"


def test_tool_sees_no_home_no_environment_and_no_network(client, monkeypatch):
    command = "ls /root /home 2>/dev/null | wc -l; env | grep -c EODH; cat /proc/net/dev | wc -l"

    lines = launch(client, tool(command)).wait(60).results.out.text().split()

    assert lines[:2] == ["0", "0"]
    assert int(lines[2]) <= 3


def test_dismiss_ends_the_whole_process_tree(client):
    job = launch(client, tool("setsid sleep 987654 & sleep 987654"))
    while not any(step["state"] == "running" for step in job.steps()):
        time.sleep(0.05)
    time.sleep(0.3)

    job.dismiss()

    assert job.wait(10, raise_on_failure=False).status == "dismissed"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _sleepers():
        time.sleep(0.1)
    assert _sleepers() == []


def _sleepers():
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if b"987654" in (entry / "cmdline").read_bytes():
                    found.append(entry.name)
            except OSError:
                continue
    return found


def test_runner_killed_in_mid_run_ends_right_and_runs_nothing_twice(client, environment):
    job = launch(client, SCATTER, xs=[str(i) for i in range(10)], ledger="")
    while sum(step["state"] == "done" for step in job.steps()) < 3:
        time.sleep(0.05)

    stop(environment, signal.SIGKILL)
    job.wait(60)

    assert [r["title"] for r in job.results.outs.value] == ["out.txt"] * 10
    steps = job.steps()
    assert len(steps) == 10
    assert {step["attempt"] for step in steps} == {1}
    for step in steps:
        assert job.logs(step["path"]).count("did") == 1


def test_engine_killed_in_mid_run_ends_right(client, environment):
    job = launch(client, SCATTER, xs=[str(i) for i in range(6)], ledger="")
    while not any(step["state"] == "running" for step in job.steps()):
        time.sleep(0.05)

    for pid in _children(runner_pid(environment)):
        os.kill(pid, signal.SIGKILL)

    assert job.wait(60).status == "successful"
    assert {step["attempt"] for step in job.steps()} == {1}


def _children(parent):
    """Give the engines: the forkserver and what it forked."""
    found = subprocess.run(
        ["ps", "-eww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    rows = [line.split(None, 2) for line in found]
    engines = {int(r[0]) for r in rows if int(r[1]) == parent and "engine.main" in r[2]}
    while below := {int(r[0]) for r in rows if int(r[1]) in engines} - engines:
        engines |= below
    return engines


def test_twenty_starters_at_once_get_one_runner(environment):
    script = "from eodh_jupyter.local import connect; print(connect().uds)"
    starters = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        for _ in range(20)
    ]
    sockets = {starter.communicate(timeout=120)[0].strip() for starter in starters}

    assert len(sockets) == 1
    lines = subprocess.run(["ps", "-eww", "-o", "args="], capture_output=True, text=True).stdout
    assert lines.count(f"serve --data {environment}") == 1


def test_runner_ends_when_idle_and_leaves_nothing(environment, monkeypatch):
    from eodh_jupyter.local import connect, connection_path

    monkeypatch.setenv("EODH_IDLE_TIMEOUT_S", "1")
    socket = connect().uds
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and Path(socket).exists():
        time.sleep(0.1)

    assert not Path(socket).exists()
    assert not connection_path(environment).exists()


def test_bad_documents_are_refused_with_their_place(client):
    with pytest.raises(Problem) as caught:
        client.deploy(b"cwlVersion: v1.2\nclass: CommandLineTool\nid: a\ninputs: {x: strng}\n")

    assert any(d.get("line") == 4 for d in caught.value.diagnostics) or caught.value.diagnostics
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n"
        for a, b in zip("abcdefg", "bcdefgh", strict=True)
    )
    with pytest.raises(Problem, match="aliases"):
        client.deploy(("cwlVersion: v1.2\n" + bomb).encode())


def test_hostile_addresses_are_never_read(client, shared):
    for address in json.loads((shared / "fixtures/hostile/addresses.json").read_text()):
        document = tool("true", doc={"$include": address})
        with pytest.raises(Problem) as caught:
            client.deploy(document)
        assert "root:" not in str(caught.value)


#: Hostile expressions that never end by themselves.
ENDLESS = ("endless loop", "endless sort", "toString hook", "catastrophic", "join of a huge")


def test_hostile_javascript_betrays_nothing(client, shared, monkeypatch):
    monkeypatch.setenv("EODH_EXPRESSION_LIMIT_S", "0.5")
    cases = json.loads((shared / "fixtures/hostile/javascript.json").read_text())
    secrets = ("/root", "root:", "uid=", "v20.", "EODH")
    jobs, texts = {}, {}
    for case in cases:
        document = {
            "cwlVersion": "v1.2",
            "class": "ExpressionTool",
            "id": "hostile",
            "requirements": {"InlineJavascriptRequirement": {}},
            "inputs": {"x": "Any?"},
            "outputs": {"y": "Any"},
            "expression": "${ return {y: String(" + case["expression"] + ")}; }",
        }
        try:
            jobs[case["id"]] = launch(client, json.dumps(document).encode())
        except Problem as problem:
            texts[case["id"]] = str(problem)
    for name, job in jobs.items():
        job.wait(120, raise_on_failure=False)
        texts[name] = str(job.failure or job.results.y.value)

    assert texts.keys() == {case["id"] for case in cases}
    assert [n for n, text in texts.items() if any(secret in text for secret in secrets)] == []
    endless = [text for name, text in texts.items() if name.startswith(ENDLESS)]
    assert len(endless) == 5
    assert all("interrupted" in text or "longer than 0.5 s" in text for text in endless), endless


def test_hostile_file_names_survive(client, shared, tmp_path):
    names = json.loads((shared / "fixtures/hostile/file-names.json").read_text())
    folder = tmp_path / "names"
    folder.mkdir()
    for name in names:
        (folder / name).write_text(name)
    document = {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "id": "copy",
        "baseCommand": ["cp", "-r"],
        "arguments": [{"position": 2, "valueFrom": "copied"}],
        "inputs": {"folder": {"type": "Directory", "inputBinding": {"position": 1}}},
        "outputs": {"out": {"type": "Directory", "outputBinding": {"glob": "copied"}}},
    }

    results = launch(client, json.dumps(document).encode(), folder=folder).wait(60).results

    copied = results.out.download(tmp_path / "back")
    assert sorted(p.name for p in copied.iterdir()) == sorted(names)
    assert all((copied / name).read_text() == name for name in names)


def test_command_line_gives_exit_codes(client, tmp_path):
    package = tmp_path / "tool.cwl"
    package.write_bytes(tool("exit $0"))

    assert python("-m", "eodh_jupyter.cli", "deploy", str(package)).returncode == 0
    ok = python("-m", "eodh_jupyter.cli", "launch", "tool", "-i", "x=0", "--json")
    assert (ok.returncode, json.loads(ok.stdout)["status"]) == (0, "successful")
    assert python("-m", "eodh_jupyter.cli", "launch", "tool", "-i", "x=4").returncode == 1
    assert python("-m", "eodh_jupyter.cli", "launch", "nothing").returncode == 2


def test_file_that_was_brought_is_read_by_a_step(client, tmp_path):
    import hashlib

    content = b"brought words\n"
    sha256 = hashlib.sha256(content).hexdigest()
    cat = {
        "baseCommand": "cat",
        "inputs": {"f": {"type": "File", "inputBinding": {}}},
    }

    put = client._http.request("PUT", f"inputs/{sha256}/my%20file.txt", content=content)
    job = client.deploy(tool("", **cat), replace=True).launch(f=put.json()["href"])

    assert job.wait(60).results.out.text() == content.decode()


def test_file_that_no_job_names_goes_after_its_time_and_a_named_one_stays(
    client, environment, monkeypatch
):
    import hashlib

    inputs = {"f": {"type": "File", "inputBinding": {}}}
    process = client.deploy(tool("", baseCommand="cat", inputs=inputs), replace=True)
    names = {hashlib.sha256(text).hexdigest(): text for text in (b"named", b"unused")}
    put = [
        client._http.request("PUT", f"inputs/{sha256}/a", content=text).json()["href"]
        for sha256, text in names.items()
    ]
    job = process.launch(f=put[0])
    stop(environment)

    monkeypatch.setenv("EODH_INPUT_KEPT_S", "1")
    client.health()  # the next life of the runner
    named, unused = [environment / "store/local/inputs" / sha256 / "a" for sha256 in names]
    deadline = time.monotonic() + 60
    while unused.exists() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert (named.exists(), unused.exists()) == (True, False)
    assert job.wait(60).results.out.text() == "named"
    assert job.rerun().wait(60).results.out.text() == "named"


def test_status_steps_and_results_of_a_real_job_are_told(client):
    """What the pages of a job show, from the runner itself."""
    job = launch(client, SCATTER, xs=["a", "b", "c"], ledger="")
    seen = set()
    for _ in job.events():
        status = client._http.request("GET", f"jobs/{job.id}").json()
        seen.add((status["status"], status.get("current"), status["steps"]["total"]))

    steps = client._http.request("GET", f"jobs/{job.id}/steps").json()["steps"]
    level = client._http.request("GET", f"jobs/{job.id}/browse?path=outs").json()
    found = client._http.request("GET", f"jobs/{job.id}/preview?path=outs/1").json()
    lines = client._http.request("GET", f"jobs/{job.id}/one.1.log/lines").json()

    assert status["steps"] == {"total": 3, "done": 3, "running": 0, "failed": 0, "reused": 0}
    assert any(current and current.startswith("one ") for _, current, _ in seen)
    assert {total for state, _, total in seen if state == "successful"} == {3}
    assert [step["log_size_bytes"] for step in steps] == [6, 6, 6]
    assert steps[1]["command"][-1] == "b"
    assert [entry["basename"] for entry in level["entries"]] == ["out.txt"] * 3
    assert (found["kind"], found["text"]) == ("text", "ran b\n")
    assert (lines["lines"], lines["is_final"]) == (["did b"], True)
