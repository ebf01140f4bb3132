"""Images as a real registry knows them."""

import hashlib
import json
import shutil
import socket
import subprocess
import time

import httpx
import pytest
from eodh_runner.image.reference import parse
from eodh_runner.image.registry import Registries, RegistryRefused, read_logins
from eodh_runner.staging.fetch import pinned

pytestmark = pytest.mark.skipif(
    shutil.which("docker-registry") is None, reason="docker-registry is missing"
)
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
#: A known hash of the password U*U.
HASH = "user:$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"


def start(folder, **more):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    config = {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}},
        "http": {"addr": address},
        **more,
    }
    (folder / "config.json").write_text(json.dumps(config))
    process = subprocess.Popen(
        ["docker-registry", "serve", str(folder / "config.json")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 20
    host, _, port = address.partition(":")
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                break
        time.sleep(0.05)
    return process, address


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    process, address = start(tmp_path_factory.mktemp("registry"))
    yield address
    process.kill()
    process.wait()


def send(client, repository, data):
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    location = client.post(f"{repository}/blobs/uploads/").headers["location"]
    address = httpx.URL(location).copy_merge_params({"digest": digest})
    client.put(address, content=data).raise_for_status()
    return {"digest": digest, "size": len(data)}


def push(address, name, architecture="amd64", auth=None, **config):
    """Push an image without layers; give its digest."""
    repository, _, tag = name.partition(":")
    about = {"os": "linux", "architecture": architecture, "config": config}
    with httpx.Client(base_url=f"http://{address}/v2/", auth=auth) as client:
        kind = "application/vnd.oci.image.config.v1+json"
        described = {"mediaType": kind, **send(client, repository, json.dumps(about).encode())}
        body = {"schemaVersion": 2, "mediaType": MANIFEST, "config": described, "layers": []}
        return put(client, repository, tag, body)


def put(client, repository, tag, body):
    data = json.dumps(body).encode()
    answer = client.put(
        f"{repository}/manifests/{tag}", content=data, headers={"Content-Type": body["mediaType"]}
    )
    answer.raise_for_status()
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def asking(address, host="tools.example", **more):
    return Registries(pinned, {host: f"http://{address}"}, **more)


async def test_tag_gives_digest_entry_point_and_environment(registry):
    digest = push(registry, "a/tool:1", Entrypoint=["/run", "-v"], Env=["PATH=/bin", "A=b=c"])

    found = await asking(registry).resolve(parse("tools.example/a/tool:1"), "linux/amd64")

    assert found.digest == digest
    assert found.entrypoint == ("/run", "-v")
    assert found.env == {"PATH": "/bin", "A": "b=c"}


async def test_index_gives_the_image_of_the_platform(registry):
    parts = {name: push(registry, f"multi:{name}", name, Entrypoint=[name]) for name in ("a", "b")}
    index = {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [
            {
                "mediaType": MANIFEST,
                "digest": digest,
                "size": 1,
                "platform": {"os": "linux", "architecture": name},
            }
            for name, digest in parts.items()
        ],
    }
    with httpx.Client(base_url=f"http://{registry}/v2/") as client:
        digest = put(client, "multi", "all", index)
    registries, reference = asking(registry), parse("tools.example/multi:all")

    found = await registries.resolve(reference, "linux/b")

    assert (found.digest, found.entrypoint) == (digest, ("b",))
    with pytest.raises(RegistryRefused, match="not for linux/c; it is for linux/a, linux/b"):
        await registries.resolve(reference, "linux/c")


async def test_image_that_is_not_there_is_refused_and_not_asked_for_again_at_once(registry):
    registries = asking(registry)
    for _ in range(2):
        with pytest.raises(RegistryRefused, match=r"tools\.example answers 404"):
            await registries.resolve(parse("tools.example/none:1"), "linux/amd64")


@pytest.mark.parametrize("name", ["localhost:5000/x:1", "169.254.169.254/x:1", "10.0.0.1/x:1"])
async def test_registry_at_a_private_address_is_asked_only_when_it_is_named(name):
    with pytest.raises(RegistryRefused, match="not a public address"):
        await Registries(pinned).resolve(parse(name), "linux/amd64")


async def test_registry_that_asks_for_a_login_gets_the_one_of_its_host(tmp_path):
    (tmp_path / "users").write_text(HASH)
    auth = {"htpasswd": {"realm": "r", "path": str(tmp_path / "users")}}
    process, address = start(tmp_path, auth=auth)
    try:
        push(address, "tool:1", auth=("user", "U*U"), Entrypoint=["/x"])
        config = tmp_path / "docker.json"
        config.write_text('{"auths": {"tools.example": {"auth": "dXNlcjpVKlU="}}}')
        reference = parse("tools.example/tool:1")

        found = await asking(address, logins=read_logins(config)).resolve(reference, "linux/amd64")

        assert found.entrypoint == ("/x",)
        with pytest.raises(RegistryRefused, match="asks for a login"):
            await asking(address).resolve(reference, "linux/amd64")
    finally:
        process.kill()
        process.wait()


def test_logins_that_cannot_be_read_name_the_file(tmp_path):
    with pytest.raises(ValueError, match=r"none cannot be read as a config\.json"):
        read_logins(tmp_path / "none")
