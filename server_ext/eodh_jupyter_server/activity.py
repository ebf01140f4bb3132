"""Jobs that run are activity: no culler ends the server of a user who waits for them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from eodh_jupyter.errors import RunnerUnreachable

from .runner import RunnerLink, note_activity

CHECK_S = 60.0
ANSWER_S = 10.0
_log = logging.getLogger(__name__)


async def attend(settings: dict[str, Any], link: RunnerLink) -> None:
    """Look for jobs now and then, also with no page open; starts no runner and keeps none up."""
    while True:
        await asyncio.sleep(CHECK_S)
        if await has_jobs(link):
            note_activity(settings)


async def has_jobs(link: RunnerLink) -> bool:
    """Tell whether the runner is up and has jobs that have not ended."""
    import httpx

    if link.is_shared and not link.is_open:
        return False  # nobody has used it from here
    client: Any = None
    try:
        client, base = await link.open(start=False)
        if link.is_shared:
            query = {"status": "accepted,running", "limit": 1}
            answer = await client.get(f"{base}/jobs", params=query, timeout=ANSWER_S)
            return bool(answer.json().get("numberMatched"))
        answer = await client.get(f"{base}/health", timeout=ANSWER_S)
        return bool(answer.json().get("jobs_unfinished"))
    except RunnerUnreachable:
        return False
    except (httpx.HTTPError, ValueError, AttributeError) as error:
        _log.debug("the runner did not say whether it has jobs: %s", type(error).__name__)
        link.forget(client)
        return False
