"""Starts and ends the control plane, the fake nodes and their player."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
from eodh_runner.store.s3_address import Credentials

from ...servers.go import Missing, go_program
from ...servers.s3 import ACCESS_KEY, SECRET_KEY, S3Server, end_with_parent
from ..kubernetes_program import kubernetes
from ..place import BUCKET, NAMESPACE, NAMESPACE_OBJECT, CannotRun
from .stage import write_stages

READY_S = 60.0
NODES = 20
#: What the API server knows of its users: a token each.
ADMIN, RUNNER = "admin", "runner"
#: Everything that the runner asks for is counted.
AUDIT = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived", "ResponseStarted"],
    "rules": [{"level": "Metadata", "users": [RUNNER]}, {"level": "None"}],
}


class KwokRig:
    """A control plane of one's own on free ports of loopback; nothing of it stays."""

    def __init__(self) -> None:
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = Path(tempfile.mkdtemp(prefix="eodh-kwok-", dir=memory))
        self.s3 = S3Server(self.folder / "s3")
        self._parts: dict[str, subprocess.Popen[bytes]] = {}
        etcd, peer, self._port = _free_ports(3)
        self._etcd, self._peer = f"http://127.0.0.1:{etcd}", f"http://127.0.0.1:{peer}"
        self._api = f"https://127.0.0.1:{self._port}"
        self._http = httpx.Client(
            base_url=self._api,
            verify=False,
            headers={"Authorization": f"Bearer {ADMIN}"},
        )

    def __enter__(self) -> "KwokRig":
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()
        for process in reversed(self._parts.values()):
            process.kill()
        for process in self._parts.values():
            process.wait()
        self.s3.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def environment(self) -> dict[str, str]:
        """Settings of a runner whose step runs are pods here."""
        return {
            "EODH_EXECUTOR": "kubernetes",
            "EODH_KUBECONFIG": str(self.folder / f"{RUNNER}.kubeconfig"),
            "EODH_POD_NAMESPACE": NAMESPACE,
            "EODH_POD_IMAGE": "localhost/eodh-runner:1",
            # No registry is asked: images are nothing but names here.
            "EODH_POD_DEFAULT_IMAGE": "localhost/none:1",
            "EODH_POD_REGISTRIES": "localhost=http://127.0.0.1:9",
            **self._store,
        }

    @property
    def _store(self) -> dict[str, str]:
        return {
            "EODH_STORE_URL": f"s3://{BUCKET}/{self.folder.name}",
            "EODH_STORE_ENDPOINT": self.s3.endpoint,
            "EODH_STORE_CREDENTIALS": str(self.folder / "credentials"),
        }

    def calls(self) -> Counter[tuple[str, str]]:
        """Give how often the runner asked for what: (verb, resource), a watch while it lasts."""
        found: Counter[tuple[str, str]] = Counter()
        for line in (self.folder / "audit.log").read_text().splitlines():
            event = json.loads(line)
            found[event["verb"], (event.get("objectRef") or {}).get("resource", "")] += 1
        return found

    def pods(self) -> list[str]:
        """Give the names of all pods."""
        answer = self._http.get(f"/api/v1/namespaces/{NAMESPACE}/pods").raise_for_status()
        return [pod["metadata"]["name"] for pod in answer.json()["items"]]

    def _start(self) -> None:
        for program, package in (("etcd", "etcd-server"), ("openssl", "openssl")):
            if shutil.which(program) is None:
                raise CannotRun(f"{package} is not installed")
        try:
            programs, kwok = kubernetes(), go_program("kwok")
            self.s3.start()
        except Missing as error:
            raise CannotRun(str(error)) from None
        self.s3.bucket(BUCKET)
        self._write()
        self._part(
            *("etcd", "etcd", f"--data-dir={self.folder}/etcd", "--unsafe-no-fsync"),
            *(f"--listen-client-urls={self._etcd}", f"--advertise-client-urls={self._etcd}"),
            *(f"--listen-peer-urls={self._peer}", f"--initial-cluster=default={self._peer}"),
            f"--initial-advertise-peer-urls={self._peer}",
        )
        self._start_api_server(programs)
        self._until("the API server", lambda: self._http.get("/readyz").text == "ok")
        self._create("/api/v1/namespaces", NAMESPACE_OBJECT)
        for number in range(NODES):
            node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"node{number}"}}
            self._create("/api/v1/nodes", node)
        self._start_others(programs, kwok)
        self._until("the nodes", self._are_nodes_ready)

    def _start_api_server(self, programs: Path) -> None:
        self._part(
            "apiserver",
            str(programs / "kube-apiserver"),
            f"--etcd-servers={self._etcd}",
            f"--secure-port={self._port}",
            *("--bind-address=127.0.0.1", "--endpoint-reconciler-type=none"),
            f"--cert-dir={self.folder}/certificates",
            f"--token-auth-file={self.folder}/tokens.csv",
            "--authorization-mode=AlwaysAllow",
            # There are no controllers that make accounts, nor any that take taints away.
            "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
            # Debian's etcd does not tell how far a watch is, which newer clients would ask for.
            "--feature-gates=WatchList=false",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-signing-key-file={self.folder}/accounts.key",
            f"--service-account-key-file={self.folder}/accounts.key",
            "--service-cluster-ip-range=10.96.0.0/16",
            f"--audit-policy-file={self.folder}/audit.json",
            f"--audit-log-path={self.folder}/audit.log",
        )

    def _start_others(self, programs: Path, kwok: Path) -> None:
        # Their defaults bind 50 pods in a second, which is for clusters that others use too.
        common = ("--leader-elect=false", "--kube-api-qps=1000", "--kube-api-burst=1000")
        kubeconfig = f"--kubeconfig={self.folder}/{ADMIN}.kubeconfig"
        scheduler = str(programs / "kube-scheduler")
        self._part("scheduler", scheduler, kubeconfig, *common, "--secure-port=0")
        self._part(
            *("controllers", str(programs / "kube-controller-manager"), kubeconfig, *common),
            *("--controllers=garbage-collector-controller,namespace-controller",),
            "--secure-port=0",
        )
        self._part(
            *("kwok", str(kwok), kubeconfig, f"--config={self.folder}/stages.yaml"),
            "--manage-all-nodes",
        )
        environ = {**self._store, "EODH_KUBECONFIG": f"{self.folder}/{ADMIN}.kubeconfig"}
        self._part("player", sys.executable, "-m", f"{__package__}.player", environ=environ)

    def _write(self) -> None:
        for user in (ADMIN, RUNNER):
            path = self.folder / f"{user}.kubeconfig"
            path.write_text(json.dumps(self._kubeconfig(user)))
        (self.folder / "tokens.csv").write_text(
            f'{ADMIN},{ADMIN},{ADMIN},"system:masters"\n{RUNNER},{RUNNER},{RUNNER}\n'
        )
        (self.folder / "audit.json").write_text(json.dumps(AUDIT))
        (self.folder / "credentials").write_text(Credentials(ACCESS_KEY, SECRET_KEY).to_text())
        write_stages(self.folder / "stages.yaml")
        subprocess.run(
            ["openssl", "genrsa", "-out", f"{self.folder}/accounts.key", "2048"],
            check=True,
            capture_output=True,
        )

    def _kubeconfig(self, user: str) -> dict[str, object]:
        cluster = {"server": self._api, "insecure-skip-tls-verify": True}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "kwok", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": user}}],
            "contexts": [{"name": "kwok", "context": {"cluster": "kwok", "user": user}}],
            "current-context": "kwok",
        }

    def _part(self, name: str, *argv: str, environ: dict[str, str] | None = None) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._parts[name] = subprocess.Popen(
                argv,
                cwd=Path(__file__).parents[3],
                # Small heaps are collected all the time; those of real clusters are not small.
                env={**os.environ, "GOGC": "400", **(environ or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def _create(self, path: str, value: object) -> None:
        self._http.post(path, json=value).raise_for_status()

    def _are_nodes_ready(self) -> bool:
        nodes = self._http.get("/api/v1/nodes").raise_for_status().json()["items"]
        return all("allocatable" in node["status"] for node in nodes)

    def _until(self, what: str, is_there: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            for name, process in self._parts.items():
                if process.poll() is not None:
                    said = (self.folder / f"{name}.log").read_text(errors="replace")[-500:]
                    raise CannotRun(f"{name} ended: {said}")
            with suppress(httpx.HTTPError):
                if is_there():
                    return
            time.sleep(0.1)
        raise CannotRun(f"{what} did not come up in {READY_S:g} s")


def _free_ports(count: int) -> list[int]:
    found = [socket.socket() for _ in range(count)]
    for one in found:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in found]
    for one in found:
        one.close()
    return ports
