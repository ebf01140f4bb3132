"""`stage-in`, the wrapper and `collect` as in a pod, in a sandbox instead of containers."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from eodh_runner.domain.step import STAGEDIR, WORKDIR, StageEntry, StepDone
from eodh_runner.executor import StepOrder
from eodh_runner.executor.kubernetes.place import shown
from eodh_runner.executor.kubernetes.stage_in import ORDER
from eodh_runner.service import log as log_text
from eodh_runner.store import location_of
from eodh_runner.store.s3 import S3Store
from eodh_runner.store.s3_address import Credentials, S3Address

from ..servers.fault import FaultProxy
from ..servers.s3 import ACCESS_KEY, SECRET_KEY
from ..unit.executor.test_argv import make_step_run

pytestmark = pytest.mark.skipif(
    shutil.which("bwrap") is None or not Path("/bin/busybox").exists(),
    reason="bubblewrap or busybox-static is missing",
)


def takes_signals(pid):
    """Tell whether a process has a handler for its orderly end."""
    caught = re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())[1]
    return int(caught, 16) >> (signal.SIGTERM - 1) & 1


class Pod:
    """One pod, its containers one after another."""

    def __init__(self, store, volume, step_run, **order):
        self.store, self.volume, self.step_run = store, volume, step_run
        self.order = StepOrder("ws", "j", step_run, 1, "crop")
        body = {
            "step_run": step_run.to_json(),
            "entrypoint": [],
            "log_limit_bytes": 1 << 20,
            "disk_limit_mib": 100,
            "ram_limit_mib": 1000,
            **order,
        }
        store.put(f"{self.order.base_key}/{ORDER}", json.dumps(body).encode())
        self.words = volume.parent / "words"

    def start(self, name, endpoint=None):
        environ = self.store.address.with_endpoint(endpoint).to_environment(
            self.store.address.credentials
        )
        code = (
            "import os, pathlib, sys\n"
            f"from eodh_runner.executor.kubernetes import {name}, stage_in\n"
            f"stage_in.LAST_WORDS = pathlib.Path({str(self.words)!r})\n"
            "stage_in.say_failure.__defaults__ = (stage_in.LAST_WORDS,)\n"
            f"sys.exit({name}.main(os.environ, pathlib.Path({str(self.volume)!r})))\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            env={
                **os.environ,
                **environ,
                "EODH_STEP": self.order.base_key,
                "EODH_STEP_LOG": self.order.log_key,
            },
        )
        # In a pod it is process 1, which a signal before its time does not end.
        while name == "collect" and process.poll() is None and not takes_signals(process.pid):
            time.sleep(0.01)
        return process

    def stage_in(self):
        return self.start("stage_in").wait(60)

    def main(self):
        argv = ["bwrap", "--unshare-all", "--as-pid-1", "--die-with-parent"]
        argv += ["--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin"]
        argv += ["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"]
        argv += ["--proc", "/proc", "--dev", "/dev", "--uid", "1000", "--cap-drop", "ALL"]
        argv += ["--bind", str(self.volume / "ctl"), "/eodh"]
        for folder in shown(self.step_run):
            bind = "--ro-bind" if folder.is_read_only else "--bind"
            argv += [bind, str(self.volume / folder.source), folder.target]
        return subprocess.Popen(
            [*argv, "/eodh/busybox", "sh", "/eodh/run.sh"],
            env={"PATH": "/usr/bin:/bin", "KUBERNETES_SERVICE_HOST": "x"},
        )

    def run(self):
        """Run the whole pod; give the exit code of `main`."""
        assert self.stage_in() == 0, self.words.read_text()
        collect, main = self.start("collect"), self.main()
        code = main.wait(60)
        collect.send_signal(signal.SIGTERM)
        assert collect.wait(60) == 0
        return code

    @property
    def done(self):
        return StepDone.from_json(
            json.loads(self.store.read(f"{self.order.base_key}/manifest.json"))
        )

    @property
    def log(self):
        return log_text.read(self.store, self.order.log_key, 0, 1 << 20)

    def output(self, name):
        return self.store.read(f"{self.order.base_key}/out/{name}")


@pytest.fixture
def store(s3_server, tmp_path):
    bucket = s3_server.bucket("p" + hashlib.sha1(str(tmp_path).encode()).hexdigest()[:20])
    credentials = tmp_path / "credentials"
    credentials.write_text(Credentials(ACCESS_KEY, SECRET_KEY).to_text())
    return S3Store(S3Address(bucket, "pre", s3_server.endpoint, credentials=credentials))


@pytest.fixture
def pod(store, tmp_path):
    def make(script, order=None, **fields):
        (tmp_path / "volume").mkdir()
        step_run = make_step_run(**{"argv": ("sh", "-c", script), **fields})
        return Pod(store, tmp_path / "volume", step_run, **(order or {}))

    return make


def put(store, key, text):
    store.put(key, text.encode())
    return location_of(key)


def entry(target, location, kind="file", **fields):
    return StageEntry(target, kind, location, **fields)


def test_command_runs_to_its_manifest_its_outputs_and_its_log(pod):
    step = pod("echo out; echo to log >&2; mkdir d; echo deep > 'd/a b'; mkdir empty; exit 3",
               stdout="some/out.txt")  # fmt: skip

    assert step.run() == 3

    done = step.done
    assert done.exit_code == 3
    assert [(e.path, e.kind, e.size_bytes) for e in done.manifest] == [
        ("d", "directory", 0),
        ("d/a b", "file", 5),
        ("empty", "directory", 0),
        ("some", "directory", 0),
        ("some/out.txt", "file", 4),
    ]
    assert done.manifest[1].checksum == "sha1$" + hashlib.sha1(b"deep\n").hexdigest()
    assert step.output("d/a b") == b"deep\n"
    assert step.store.has_folder(f"{step.order.base_key}/out/empty")
    assert step.log == b"to log\n"
    assert done.usage.peak_ram_mib > 0.5


def test_inputs_are_where_the_tool_wants_them_and_keep_their_locations(pod, store):
    one = put(store, "ws/jobs/j/inputs/one", "one\n")
    put(store, "ws/jobs/j/inputs/folder/x/two", "two\n")
    step = pod(
        f"cat {STAGEDIR}/1/one.txt here/x/two literal; cp {STAGEDIR}/1/one.txt copy; "
        "echo changed > replaced; rm -f gone; touch /eodh/mine",
        stage=(
            entry(f"{STAGEDIR}/1/one.txt", one),
            entry(f"{WORKDIR}/here", location_of("ws/jobs/j/inputs/folder"), "directory"),
            entry(f"{WORKDIR}/linked", one),
            entry(f"{WORKDIR}/gone", one),
            entry(f"{WORKDIR}/replaced", one, is_writable=True),
            StageEntry(f"{WORKDIR}/literal", "file", None, "text\n"),
        ),
        stdout="out",
    )

    assert step.run() == 0

    assert step.output("out") == b"one\ntwo\ntext\n"
    found = {e.path: e.location for e in step.done.manifest}
    assert found == {
        "copy": None,
        "here": location_of("ws/jobs/j/inputs/folder"),
        "linked": one,
        "literal": None,
        "out": None,
        "replaced": None,
    }
    assert store.stat(f"{step.order.base_key}/out/linked") is None


def test_input_that_the_tool_replaced_is_an_output_of_its_own(pod, store):
    one = put(store, "ws/jobs/j/inputs/one", "one\n")
    step = pod("rm -f linked; echo new > linked", stage=(entry(f"{WORKDIR}/linked", one),))

    step.run()

    assert [(e.path, e.location) for e in step.done.manifest] == [("linked", None)]
    assert step.output("linked") == b"new\n"


def test_input_changed_in_place_goes_back_to_where_it_came_from(pod, store):
    one = put(store, "ws/jobs/j/inputs/one", "one\n")
    step = pod(
        "echo more >> linked",
        stage=(entry(f"{WORKDIR}/linked", one, is_writable=True),),
        inplace_update=True,
    )

    step.run()

    assert store.read("ws/jobs/j/inputs/one") == b"one\nmore\n"
    assert step.done.changed[0].location == one


def test_standard_input_is_a_pipe(pod, store):
    one = put(store, "ws/jobs/j/inputs/one", "one\n")
    step = pod(
        "[ -p /dev/stdin ] && cat",
        stage=(entry(f"{STAGEDIR}/1/one", one),),
        stdin=f"{STAGEDIR}/1/one",
        stdout="out",
    )

    step.run()

    assert step.output("out") == b"one\n"


def test_entry_point_of_the_image_stays_in_force(pod):
    step = pod("echo $0", order={"entrypoint": ["env", "A=b"]}, stdout="out")

    step.run()

    assert step.output("out") == b"sh\n"


def test_environment_is_the_step_s_and_nothing_of_kubernetes(pod):
    step = pod("", argv=("env",), env={"HOME": WORKDIR, "A.B": "it's"}, stdout="out")

    step.run()

    names = dict(line.split("=", 1) for line in step.output("out").decode().splitlines())
    assert names["A.B"] == "it's"
    assert not any(name.startswith("KUBERNETES") for name in names)


@pytest.mark.parametrize(
    ("script", "fields", "kind", "says"),
    [
        ("kill -9 $$", {}, "command", "was killed (signal 9)"),
        ("sleep 60", {"timelimit_s": 1.0}, "time", "took longer than its 1 s"),
        ("ln -s /etc/passwd leak", {}, "document", "leaves the folder of the step"),
        ("mkfifo pipe", {}, "document", "is neither a file nor a folder"),
    ],
)
def test_end_that_is_no_success_says_why(pod, script, fields, kind, says):
    step = pod(script, **fields)

    step.run()

    assert step.done.failure["class"] == kind
    assert says in step.done.failure["message"]


def test_processes_left_behind_do_not_hold_the_pod(pod):
    step = pod("sleep 1000 & nohup sleep 1000 & echo out", stdout="out")

    assert step.run() == 0

    assert step.output("out") == b"out\n"


@pytest.mark.parametrize(
    "attack",
    [
        "rm -f /eodh/log; ln -s {credentials} /eodh/log",
        "rm -f /eodh/time.txt; ln -s {credentials} /eodh/time.txt; kill -9 $PPID",
        "rm -f /eodh/peak.txt; mkfifo /eodh/peak.txt",
        "rm -rf /eodh/log; mkdir /eodh/log",
    ],
)
def test_tool_that_tampers_with_its_control_files_gets_nothing_of_ours(pod, store, attack):
    step = pod(attack.format(credentials=store.address.credentials) + "; echo x >&2; exit 1")

    step.run()

    assert SECRET_KEY.encode() not in step.log
    assert SECRET_KEY not in json.dumps(step.done.to_json())
    assert step.done.failure is None or SECRET_KEY not in json.dumps(step.done.failure)


def test_log_is_cut_at_its_limit_with_a_line_that_says_so(pod):
    step = pod("seq 1 100000 >&2", order={"log_limit_bytes": 10_000})

    step.run()

    assert step.log.endswith(b"\nCut at 0 MB; the rest was not kept.\n")
    assert len(step.log) < 10_100


def test_main_that_is_killed_whole_leaves_its_log_and_no_exit(pod):
    step = pod("echo before >&2; sleep 100")
    assert step.stage_in() == 0
    collect, main = step.start("collect"), step.main()
    while not step.log:
        assert main.poll() is None
    main.kill()
    main.wait()

    collect.send_signal(signal.SIGTERM)

    assert collect.wait(30) == 0
    assert step.log == b"before\n"
    assert step.done.exit_code is None


def test_collect_that_died_goes_on_where_it_was(pod):
    step = pod("for i in 1 2 3 4; do echo $i >&2; sleep 0.3; done; echo out > out")
    assert step.stage_in() == 0
    collect, main = step.start("collect"), step.main()
    while not step.log:
        assert main.poll() is None
    collect.kill()
    collect.wait()

    collect = step.start("collect")

    assert main.wait(30) == 0
    collect.send_signal(signal.SIGTERM)
    assert collect.wait(30) == 0
    assert step.log == b"1\n2\n3\n4\n"
    assert step.output("out") == b"out\n"


def test_input_that_vanished_is_named(pod, store):
    step = pod("true", stage=(entry(f"{STAGEDIR}/1/x", location_of("ws/jobs/j/inputs/x")),))

    assert step.stage_in() == 1

    failure = json.loads(step.words.read_text())
    assert failure["class"] == "input"
    assert "ws/jobs/j/inputs/x" in failure["message"]


def test_store_that_refuses_the_outputs_lets_main_end_and_says_why(pod, store, s3_server):
    step = pod("echo out > out")
    assert step.stage_in() == 0
    with FaultProxy(s3_server.endpoint) as proxy:
        proxy.decide = lambda method, path: 403 if method == "PUT" else None
        collect, main = step.start("collect", proxy.endpoint), step.main()

        assert main.wait(60) == 0
        collect.send_signal(signal.SIGTERM)
        collect.wait(60)

    failure = json.loads(step.words.read_text())
    assert failure["class"] == "storage"
    assert "the outputs could not be stored" in failure["message"]


def test_step_costs_the_store_no_list(pod, s3_server):
    step = pod("echo out > out; echo line >&2")
    assert step.stage_in() == 0
    with FaultProxy(s3_server.endpoint) as proxy:
        collect, main = step.start("collect", proxy.endpoint), step.main()
        assert main.wait(60) == 0
        collect.send_signal(signal.SIGTERM)
        assert collect.wait(60) == 0

    asked = [(method, path.rpartition("/")[2]) for method, path in proxy.seen]
    first = "0" * 12
    assert sorted(asked) == [
        ("HEAD", first),
        ("PUT", first),
        ("PUT", "manifest.json"),
        ("PUT", "out"),
    ]


def test_large_output_takes_little_memory(pod):
    step = pod("head -c 300000000 /dev/zero > big; for i in $(seq 200); do echo $i > f$i; done")
    assert step.stage_in() == 0
    collect, main = step.start("collect"), step.main()
    assert main.wait(120) == 0

    peak = next(
        int(line.split()[1])
        for line in Path(f"/proc/{collect.pid}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )
    collect.send_signal(signal.SIGTERM)
    collect.wait(60)

    assert peak < 256 << 10
    assert len(step.done.manifest) == 201
