"""The live card as an anywidget: the kernel's client asks the runner in the card's name."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import httpx

from ..errors import EodhError, MissingExtra, Problem
from ..event import TERMINAL, lines
from ..http import Transport

if TYPE_CHECKING:
    from ..job import Job

HERE = Path(__file__).parent
MAX_ANSWER_BYTES = 64 << 20
FIRST_RETRY_S, LAST_RETRY_S = 0.5, 5.0
#: What a card asks of its job; the front end may ask for nothing else.
ASKED = re.compile(
    r"(?:/(?:steps|graph|results(?:/[^?]+)?|preview\.png|[^/?]+\.log))?(?:\?[\w=&%.~+-]*)?"
)


def make_widget(job: Job) -> Any:
    """Give the widget of a job.

    Raises
    ------
    MissingExtra
        Without anywidget.
    EodhError
        When the card was not built, as in a checkout.
    """
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise MissingExtra("a widget", "anywidget", "widget") from error
    if not (HERE / "card.js").exists():
        raise EodhError("the card is not built; run: cd labextension && npm run build:card")

    class JobCard(anywidget.AnyWidget):
        """The card of one job; see `CardLink` for what passes its comm."""

        _esm = HERE / "card.js"
        _css = HERE / "card.css"
        saved = traitlets.Dict().tag(sync=True)

        def _repr_mimebundle_(self, **options: Any) -> Any:
            found = super()._repr_mimebundle_(**options)
            view, metadata = found if isinstance(found, tuple) else (found, {})
            # Where no widget can be shown, as after nbconvert, the snapshot stands.
            snapshot = {name: bundle[name] for name in ("text/html", "text/plain")}
            return {**(view or {}), **snapshot}, metadata

    bundle = job.card().bundle()
    from .saved import MIME_TYPE

    widget = JobCard(saved=bundle[MIME_TYPE])
    link = CardLink(job._client._http, job.id, widget.send)
    widget.on_msg(lambda _, content, buffers: link.take(content))
    widget.observe(lambda _: link.close(), names="comm")
    return widget


class CardLink:
    """Answers the requests of one card, and passes its job's events on.

    Only this job can be asked for, and nothing of the connection is told: no address, no token.

    Parameters
    ----------
    send
        Sends content and buffers to all views of the widget; called by threads.
    """

    def __init__(self, http: Transport, job_id: str, send: Callable[..., Any]) -> None:
        self._http, self._job_id, self._send = http, job_id, send
        self._path = f"jobs/{quote(job_id, safe='')}"
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="eodh-card")
        self._stop: threading.Event | None = None

    def take(self, content: Any) -> None:
        """Take a message of the card; what it asks is answered by a thread."""
        kind = content.get("type") if isinstance(content, dict) else None
        if kind == "request":
            self._pool.submit(self._answer, content)
        elif kind == "follow":
            self._unfollow()
            after = content.get("after")
            self._stop = threading.Event()
            arguments = (after if isinstance(after, int) else 0, self._stop)
            threading.Thread(target=self._follow, args=arguments, daemon=True).start()
        elif kind == "unfollow":
            self._unfollow()
        elif kind == "ping":
            self._send({"type": "pong"})

    def close(self) -> None:
        """Answer nothing more."""
        self._unfollow()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _unfollow(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def _answer(self, asked: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"type": "answer", "id": asked.get("id")}
        try:
            media_type, body = self._ask(asked)
        except Problem as problem:
            detail = {"status": problem.status, "detail": problem.detail}
            self._send({**answer, "problem": detail})
        except EodhError as error:
            self._send({**answer, "problem": {"status": 503, "detail": str(error)}})
        else:
            self._send({**answer, "media_type": media_type}, [body])

    def _ask(self, asked: dict[str, Any]) -> tuple[str, bytes]:
        method, path = str(asked.get("method")), str(asked.get("path"))
        rest = path.removeprefix(self._path)
        names = unquote(rest.partition("?")[0]).split("/")
        is_own = path.startswith(self._path) and ASKED.fullmatch(rest) is not None
        is_dismissal = method == "DELETE" and rest == ""
        if not is_own or ".." in names or (method != "GET" and not is_dismissal):
            raise Problem(403, {"detail": "the card may ask for its own job alone"})
        if is_dismissal:
            return "application/json", self._http.request("DELETE", path).content
        headers = {}
        if re.fullmatch(r"bytes=-?\d+(-\d*)?", str(asked.get("range"))):
            headers["Range"] = asked["range"]
        try:
            with self._http.stream(path, headers=headers) as answer:
                if int(answer.headers.get("Content-Length", 0)) > MAX_ANSWER_BYTES:
                    raise Problem(413, {"detail": "too large for a widget; use .download()"})
                return answer.headers.get("Content-Type", ""), answer.read()
        except httpx.TransportError as error:
            raise Problem(503, {"detail": f"the runner does not answer: {error}"}) from error

    def _follow(self, after: int, stop: threading.Event) -> None:
        """Pass events on until the job's last; a runner that restarts is found again."""
        delay = FIRST_RETRY_S
        while not stop.is_set():
            try:
                for line in lines(self._http, f"{self._path}/events", after):
                    if stop.is_set():
                        return
                    delay = FIRST_RETRY_S
                    if line.startswith(":"):
                        self._send({"type": "open"})
                    if not line.startswith("data:"):
                        continue
                    event = json.loads(line[5:])
                    if event["seq"] <= after:
                        continue
                    after = event["seq"]
                    self._send({"type": "event", "event": event})
                    if event["kind"] == "job" and event["data"].get("status") in TERMINAL:
                        return
                problem = {"status": 503, "detail": "the runner ended the stream"}
            except Problem as error:
                problem = {"status": error.status, "detail": error.detail}
            except (EodhError, httpx.TransportError) as error:
                problem = {"status": 503, "detail": str(error)}
            if not stop.is_set():
                self._send({"type": "problem", "problem": problem})
                if problem["status"] == 404:
                    return
                stop.wait(delay)
                delay = min(LAST_RETRY_S, delay * 2)
