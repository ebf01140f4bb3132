"""Certificates and configuration files of the components."""

import json
import subprocess
from pathlib import Path
from typing import Any

from .place import (
    API,
    BRIDGE,
    CONTAINERD,
    HOST,
    KEPT,
    KUBECONFIG,
    NETWORK,
    REGISTRY,
    REGISTRY_PORT,
    STATE,
    SUBNET,
)

PKI = STATE / "pki"


def write_configuration() -> None:
    """Write everything that the components read at their start."""
    _certificates()
    _write(KUBECONFIG, kubeconfig(PKI / "admin.crt", PKI / "admin.key"))
    _write(STATE / "net.d" / "10-bridge.conflist", _network())
    _write(STATE / "kubelet.yaml", _kubelet())
    _write(STATE / "proxy.yaml", _proxy())
    _write(STATE / "registry.yaml", _registry())
    (STATE / "containerd.toml").write_text(_containerd())
    # Docker's own registry is out of reach: ours stands in for it.
    for name in ("docker.io", f"{HOST}:{REGISTRY_PORT}"):
        hosts = STATE / "registries" / name / "hosts.toml"
        hosts.parent.mkdir(parents=True, exist_ok=True)
        hosts.write_text(f'[host."{REGISTRY}"]\n  capabilities = ["pull", "resolve"]\n')


def kubeconfig(certificate: Path, key: Path) -> dict[str, Any]:
    cluster = {"server": API, "certificate-authority": str(PKI / "ca.crt")}
    user = {"client-certificate": str(certificate), "client-key": str(key)}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "admin", "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}],
        "current-context": "test",
    }


def _write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))  # JSON is YAML


def _certificates() -> None:
    PKI.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = ["-newkey", "rsa:2048", "-nodes"]
    _openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test-ca")
    names = f"IP:127.0.0.1,IP:10.96.0.1,IP:{HOST},DNS:localhost,DNS:kubernetes.default.svc"
    for name, subject, extension in (
        ("apiserver", "/CN=kube-apiserver", f"subjectAltName={names}"),
        ("admin", "/O=system:masters/CN=admin", "extendedKeyUsage=clientAuth"),
        ("kubelet-client", "/O=system:masters/CN=kubelet-client", "extendedKeyUsage=clientAuth"),
    ):
        _openssl("req", *new, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
        (PKI / f"{name}.ext").write_text(extension)
        _openssl(
            *("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-out", f"{name}.crt", "-extfile", f"{name}.ext"),
        )
    _openssl("genrsa", "-out", "sa.key", "2048")
    _openssl("rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub")


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=PKI, check=True, capture_output=True)


def _network() -> dict[str, Any]:
    address = {
        "type": "host-local",
        "dataDir": str(STATE / "addresses"),
        "ranges": [[{"subnet": SUBNET}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {
        "type": "bridge",
        "bridge": BRIDGE,
        "isGateway": True,
        "ipMasq": True,
        "hairpinMode": True,
        "ipam": address,
    }
    return {"cniVersion": "1.0.0", "name": NETWORK, "plugins": [bridge]}


def _kubelet() -> dict[str, Any]:
    # The test machines have cgroup v1, and a root without CAP_SYS_RESOURCE.
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(PKI / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": "/",
        "failSwapOn": False,
        "failCgroupV1": False,
        "oomScoreAdj": 0,
        "containerRuntimeEndpoint": f"unix://{CONTAINERD}",
        "clusterDomain": "cluster.local",
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
        },
        "imageGCHighThresholdPercent": 100,
        "maxPods": 250,
        "podLogsDir": str(STATE / "pod-logs"),
        "volumePluginDir": str(STATE / "volume-plugins"),
    }


def _proxy() -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(KUBECONFIG)},
        "mode": "iptables",
        "clusterCIDR": SUBNET,
        "conntrack": {"maxPerCore": 0},
        "hostnameOverride": "node1",
    }


def _registry() -> dict[str, Any]:
    return {
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(KEPT / "registry")}},
        "http": {"addr": f"{HOST}:{REGISTRY_PORT}"},
    }


def _containerd() -> str:
    return f"""version = 2
root = "{KEPT / "containerd"}"
state = "{STATE / "containerd"}"
[grpc]
  address = "{CONTAINERD}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  enable_unprivileged_ports = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{STATE / "net.d"}"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{STATE / "registries"}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
"""
