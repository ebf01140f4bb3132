"""What the informer makes of lists and watches, also of broken ones."""

import asyncio

import aiohttp
import pytest
from eodh_runner.executor.kubernetes import informer as subject
from eodh_runner.executor.kubernetes.api import ApiError, Rate
from eodh_runner.executor.kubernetes.informer import Informer


def pod(name, version, uid="u", **status):
    metadata = {"name": name, "uid": uid, "resourceVersion": str(version), "labels": {"job": "j"}}
    return {"metadata": metadata, "spec": {"containers": []}, "status": status}


def event(kind, item):
    return {"type": kind, "object": item}


class ScriptedApi:
    """Answers lists and watches by a script; the last watch stays silent."""

    def __init__(self, lists, watches):
        self.lists, self.watches = list(lists), list(watches)
        self.asked = []

    async def request(self, method, path, body=None, query=None):
        self.asked.append("list")
        found = self.lists.pop(0)
        if isinstance(found, Exception):
            raise found
        items, version = found
        return {"items": items, "metadata": {"resourceVersion": str(version)}}

    async def watch(self, path, query, silence_s):
        self.asked.append(f"watch {query['resourceVersion']}")
        script = self.watches.pop(0) if self.watches else None
        if script is None:
            await asyncio.sleep(3600)
        for step in script:
            if isinstance(step, Exception):
                raise step
            yield step


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    real = asyncio.sleep
    monkeypatch.setattr(subject.asyncio, "sleep", lambda s: real(0 if s < 60 else s))


async def told(api, until):
    """Run an informer until something is true of it."""
    informer = Informer(api, "ns", "a=b")
    await informer.start()
    try:
        async with asyncio.timeout(5):
            while not until(informer):
                await asyncio.sleep(0)
        return informer
    finally:
        await informer.stop()


async def test_events_after_the_list_are_taken_in():
    api = ScriptedApi(
        [([pod("a", 1)], 5)],
        [[event("ADDED", pod("b", 6)), event("MODIFIED", pod("a", 7, phase="Running"))]],
    )

    informer = await told(api, lambda i: (i.get("a") or {"status": 0})["status"])

    assert informer.get("b")["metadata"]["resourceVersion"] == "6"
    assert api.asked[:2] == ["list", "watch 5"]


@pytest.mark.parametrize(
    "expired",
    [
        ApiError(410, "Expired", "too old"),
        event("ERROR", {"code": 410, "message": "too old resource version"}),
    ],
)
async def test_expired_watch_lists_again_and_finds_what_is_gone(expired):
    api = ScriptedApi([([pod("a", 1)], 5), ([pod("b", 8)], 9)], [[expired]])

    informer = await told(api, lambda i: i.get("b"))

    assert informer.get("a") is None
    assert api.asked == ["list", "watch 5", "list", "watch 9"]


@pytest.mark.parametrize("broken", [TimeoutError(), aiohttp.ClientError("reset")])
async def test_silent_or_lost_watch_goes_on_where_it_was_without_a_list(broken):
    bookmark = event("BOOKMARK", {"metadata": {"resourceVersion": "42"}})
    api = ScriptedApi([([], 5)], [[bookmark, broken], [event("ADDED", pod("a", 43))]])

    await told(api, lambda i: i.get("a"))

    assert api.asked[:3] == ["list", "watch 5", "watch 42"]


async def test_events_heard_twice_or_out_of_order_change_nothing():
    late = [
        event("MODIFIED", pod("a", 9, phase="Succeeded")),
        event("MODIFIED", pod("a", 7, phase="Pending")),
        event("MODIFIED", pod("a", 9, phase="Succeeded")),
        event("ADDED", pod("z", 10)),
    ]
    api = ScriptedApi([([], 5)], [late])

    informer = await told(api, lambda i: i.get("z"))

    assert informer.get("a")["status"] == {"phase": "Succeeded"}


async def test_pod_made_after_the_list_was_read_is_not_lost_by_it():
    api = ScriptedApi([([], 5)], [])
    informer = Informer(api, "ns", "a=b")
    informer.put(pod("new", 8))

    await informer.start()

    assert informer.get("new") is not None
    await informer.stop()


async def test_pod_that_is_deleted_wakes_who_waits_and_is_known_as_it_was_last():
    informer = Informer(ScriptedApi([], []), "ns", "a=b")
    informer.put(pod("a", 8))
    informer.get("a")

    informer._hear(event("DELETED", pod("a", 9)))
    await asyncio.wait_for(informer.change("a", 60), 1)

    assert informer.get("a") is None
    assert informer.gone("a", "u")["metadata"]["resourceVersion"] == "9"
    assert informer.gone("a", "another") is None


async def test_change_between_look_and_wait_is_not_missed():
    informer = Informer(ScriptedApi([], []), "ns", "a=b")
    informer.get("a")
    informer.put(pod("a", 8))

    await asyncio.wait_for(informer.change("a", 60), 1)


async def test_list_that_is_refused_is_an_error_of_the_start():
    refused = ApiError(403, "Forbidden", 'cannot list resource "pods"')

    with pytest.raises(ApiError, match="cannot list"):
        await Informer(ScriptedApi([refused], []), "ns", "a=b").start()


async def test_rate_halves_when_the_server_says_so_and_waits_as_told(monkeypatch):
    rate, slept = Rate(), []
    before = rate.per_s

    async def sleep(seconds):
        slept.append(seconds)
        rate._closed_until = 0

    monkeypatch.setattr("eodh_runner.executor.kubernetes.api.asyncio.sleep", sleep)
    rate.refuse(7.0)
    await rate.take()

    assert rate.per_s == pytest.approx(before / 2, abs=0.2)
    assert slept[0] == pytest.approx(7.0, abs=0.1)
