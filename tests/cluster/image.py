"""Container images made from folders, without an engine: put into the node, or a registry.

The runner's is that of `deploy/Containerfile`: Debian's Python, the locked packages, the wheel.
"""

import compileall
import hashlib
import io
import json
import os
import py_compile
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import httpx

from .place import CONTAINERD, KEPT, REGISTRY, CannotRun

ROOT = Path(__file__).parents[2]
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
#: What the image installs: the part of the project's lock that a runner needs.
LOCK = ROOT / "deploy" / "requirements.lock"
LAYERS = KEPT / "layers"
SITE = "usr/local/lib/python3.11/dist-packages"
PAUSE = "localhost/pause:1"
#: Names of the conformance suites and of the tests, all stood in for by one Debian with Python.
DEBIANS = ("debian:stable-slim", "alpine:latest", "busybox:latest")
SCRIPT = b"""#!/usr/bin/python3
from eodh_runner.__main__ import main
raise SystemExit(main())
"""
BARE = b"""#include <stdio.h>
int main(int count, char **words) {
  puts(count > 1 ? words[1] : "bare");
  return 0;
}
"""
CTR = ("ctr", "-a", str(CONTAINERD), "-n", "k8s.io")


@dataclass(frozen=True)
class Layer:
    """A tar of files, named by what it was made of."""

    path: Path

    @property
    def digest(self) -> str:
        """The digest of the tar, computed once."""
        note = self.path.with_suffix(".sha256")
        if not note.exists():
            with self.path.open("rb") as file:
                note.write_text(hashlib.file_digest(file, "sha256").hexdigest())
        return f"sha256:{note.read_text()}"


def make_layers() -> None:
    """Make what the images are made of."""
    for make in (_debian, _python, _bash, _pause, _bare, _dependencies, _ours):
        make()


def put_images() -> str:
    """Put every image of the tests into the node; give the name of the runner's."""
    known = set(_ctr("images", "ls", "-q").split())
    if PAUSE not in known:
        put(PAUSE, [_pause()], entrypoint=("/pause",))
    debian = _debian()
    for name in DEBIANS:
        push(f"library/{name}", [debian])
    push("library/python:3-slim", [debian, _python()])
    push("library/bash:4.4", [debian, _bash()], entrypoint=("docker-entrypoint.sh",))
    if (bare := "localhost/bare:1") not in known:
        put(bare, [_bare()])
    ours = _ours()
    runner = f"localhost/eodh-runner:{ours.path.stem.rpartition('-')[2]}"
    if runner not in known:
        put(runner, [debian, _dependencies(), ours], entrypoint=("eodh-runner",))
    return runner


def put(name: str, layers: list[Layer], entrypoint: tuple[str, ...] = ()) -> None:
    """Put one image into the node; layers that it holds already are not sent again."""
    body, top = _described(layers, entrypoint)
    named = _descriptor(MANIFEST, top)
    named["annotations"] = {"io.containerd.image.name": name}
    held = set(_ctr("content", "ls", "-q").split())
    process = subprocess.Popen(
        [*CTR, "images", "import", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with tarfile.open(fileobj=process.stdin, mode="w|") as tar:
        _add(tar, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
        for data in (body, top):
            _add(tar, f"blobs/sha256/{hashlib.sha256(data).hexdigest()}", data)
        for layer in layers:
            if layer.digest not in held:
                tar.add(layer.path, f"blobs/sha256/{layer.digest[7:]}")
        _add(tar, "index.json", json.dumps({"schemaVersion": 2, "manifests": [named]}).encode())
    process.stdin.close()
    said = process.stdout.read().decode()
    if process.wait() != 0:
        raise CannotRun(f"the image {name} could not be put into the node: {said.strip()[-500:]}")


def push(name: str, layers: list[Layer], entrypoint: tuple[str, ...] = ()) -> None:
    """Put one image into the registry, unless it is there."""
    repository, _, tag = name.partition(":")
    body, top = _described(layers, entrypoint)
    digest = f"sha256:{hashlib.sha256(top).hexdigest()}"
    with httpx.Client(base_url=f"{REGISTRY}/v2/{repository}/", timeout=120) as client:
        there = client.head(f"manifests/{tag}", headers={"Accept": MANIFEST})
        if there.headers.get("docker-content-digest") == digest:
            return
        _send(client, f"sha256:{hashlib.sha256(body).hexdigest()}", body)
        for layer in layers:
            with layer.path.open("rb") as file:
                _send(client, layer.digest, file)
        put = client.put(f"manifests/{tag}", content=top, headers={"Content-Type": MANIFEST})
        put.raise_for_status()


def _send(client: httpx.Client, digest: str, content: object) -> None:
    if client.head(f"blobs/{digest}").status_code == 200:
        return
    location = client.post("blobs/uploads/").raise_for_status().headers["location"]
    headers = {"Content-Type": "application/octet-stream"}
    address = httpx.URL(location).copy_merge_params({"digest": digest})
    client.put(address, content=content, headers=headers).raise_for_status()


def _described(layers: list[Layer], entrypoint: tuple[str, ...]) -> tuple[bytes, bytes]:
    """Give the configuration and the manifest of an image."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    config = {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine],
        "os": "linux",
        "config": {"Env": [f"PATH={path}"], "Entrypoint": list(entrypoint) or None},
        "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in layers]},
    }
    body = json.dumps(config).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _descriptor("application/vnd.oci.image.config.v1+json", body),
        "layers": [
            {
                "mediaType": "application/vnd.oci.image.layer.v1.tar",
                "digest": layer.digest,
                "size": layer.path.stat().st_size,
            }
            for layer in layers
        ],
    }
    return body, json.dumps(manifest).encode()


def _descriptor(media_type: str, data: bytes) -> dict:
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return {"mediaType": media_type, "digest": digest, "size": len(data)}


def _add(tar: tarfile.TarFile, name: str, data: bytes, mode: int = 0o644) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), mode
    tar.addfile(info, io.BytesIO(data))


def _ctr(*arguments: str) -> str:
    return subprocess.run([*CTR, *arguments], check=True, capture_output=True, text=True).stdout


def _layer(name: str, *made_of: bytes) -> tuple[Layer, Path]:
    """Give a layer and the path to write it to; the path is moved by `_keep`."""
    LAYERS.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(b"\0".join(made_of)).hexdigest()[:12]
    layer = Layer(LAYERS / f"{name}-{digest}.tar")
    return layer, layer.path.with_suffix(f".{os.getpid()}")


def _debian() -> Layer:
    packages = "python3,ca-certificates,busybox-static"
    layer, part = _layer("debian", packages.encode())
    if not layer.path.exists():
        print("making a small Debian with Python, about a minute the first time", flush=True)
        answer = subprocess.run(
            [
                *("nice", "mmdebstrap", "--variant=minbase", f"--include={packages}"),
                *("--format=tar", "bookworm", str(part)),
            ],
            capture_output=True,
            text=True,
        )
        if answer.returncode != 0:
            raise CannotRun(f"mmdebstrap failed: {answer.stderr.strip()[-300:]}")
        part.rename(layer.path)
    return layer


def _dependencies() -> Layer:
    layer, part = _layer("dependencies", LOCK.read_bytes())
    if not layer.path.exists():
        folder = part.with_suffix(".folder")
        subprocess.run(
            [
                *(str(ROOT / ".venv/bin/uv"), "pip", "install", "-q", "--target", str(folder)),
                *("--compile-bytecode", "--require-hashes", "-r", str(LOCK)),
            ],
            check=True,
        )
        with tarfile.open(part, "w") as tar:
            tar.add(folder, SITE, filter=_plain)
        shutil.rmtree(folder)
        part.rename(layer.path)
    return layer


def _ours() -> Layer:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
            cwd=ROOT,
            env={**os.environ, "SKIP_JUPYTER_BUILDER": "1"},
            check=True,
            capture_output=True,
        )
        (wheel,) = Path(folder).glob("*.whl")
        layer, part = _layer("ours", wheel.read_bytes(), SCRIPT)
        if not layer.path.exists():
            site = Path(folder, "site")
            with zipfile.ZipFile(wheel) as archive:
                # What JupyterLab reads is not needed in the image.
                archive.extractall(site, [n for n in archive.namelist() if ".data/" not in n])
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
            compileall.compile_dir(site, quiet=2, invalidation_mode=mode)
            with tarfile.open(part, "w") as tar:
                tar.add(site, SITE, filter=_plain)
                _add(tar, "usr/local/bin/eodh-runner", SCRIPT, 0o755)
            part.rename(layer.path)
    return layer


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info


def _compiled(source: bytes, name: str) -> Layer:
    """Give a layer with one static program of C at the root."""
    layer, part = _layer(name, source)
    if not layer.path.exists():
        program = part.with_suffix(".program")
        subprocess.run(
            ["gcc", "-Os", "-static", "-x", "c", "-", "-o", str(program)], input=source, check=True
        )
        with tarfile.open(part, "w") as tar:
            _add(tar, name, program.read_bytes(), 0o755)
            folder = tarfile.TarInfo("tmp")
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(folder)
        program.unlink()
        part.rename(layer.path)
    return layer


def _pause() -> Layer:
    return _compiled((Path(__file__).parent / "pause.c").read_bytes(), "pause")


def _bare() -> Layer:
    """Give an image with one program and no shell."""
    return _compiled(BARE, "bare")


def _python() -> Layer:
    """Give the other name of Python, which the official image has."""
    layer, part = _layer("python", b"python")
    if not layer.path.exists():
        link = tarfile.TarInfo("usr/bin/python")
        link.type, link.linkname = tarfile.SYMTYPE, "python3"
        with tarfile.open(part, "w") as tar:
            tar.addfile(link)
        part.rename(layer.path)
    return layer


def _bash() -> Layer:
    """Give the entry point of the official image of bash."""
    script = (
        b"#!/usr/bin/env bash\nset -Eeuo pipefail\n"
        b'if [ "${1#-}" != "${1:-}" ] || [ $# -eq 0 ]; then set -- bash "$@"; fi\nexec "$@"\n'
    )
    layer, part = _layer("bash", script)
    if not layer.path.exists():
        with tarfile.open(part, "w") as tar:
            _add(tar, "usr/local/bin/docker-entrypoint.sh", script, 0o755)
        part.rename(layer.path)
    return layer
