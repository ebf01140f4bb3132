"""Reads a document: limits first, then the standard's own rules, with line and column."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import yaml
from cwltool.context import LoadingContext
from cwltool.errors import WorkflowException
from cwltool.load_tool import load_tool
from schema_salad.exceptions import ValidationException
from schema_salad.fetcher import DefaultFetcher

from ..domain.process import Diagnostic
from .tool import make_tool

MAX_BYTES = 2 << 20
MAX_NODES = 200_000
MAX_ALIASED_NODES = 10_000
MAX_DEPTH = 100
#: Where a package that came by itself is said to be; relative references end here.
PACKAGE = "https://package.invalid/package.cwl"
ONTOLOGIES = (".owl", ".rdf", ".ttl")
RUNNABLE = ("Workflow", "CommandLineTool", "ExpressionTool", "Operation")
RESERVED_STEPS = ("node_stage_in", "node_stage_out")
RESERVED_INPUTS = (
    "STAGE_AWS_ACCESS_KEY_ID",
    "STAGE_AWS_SECRET_ACCESS_KEY",
    "STAGE_AWS_SESSION_TOKEN",
    "CALLING_WORKSPACE_ACCESS_TOKEN",
)

Fetch = Callable[[str], str]


class Refused(Exception):
    """The document cannot be used; carries what is wrong, with places."""

    def __init__(self, message: str, diagnostics: list[Diagnostic] | None = None) -> None:
        super().__init__(message)
        self.diagnostics = diagnostics or [Diagnostic(message)]


class UnknownWorkflow(Exception):
    """The document has no workflow of the wanted name."""


def read(text: str) -> dict[str, Any]:
    """Give the document as plain values, within the limits.

    Raises
    ------
    Refused
        With the place of the first mistake, or the limit that is passed.
    """
    try:
        _measure(text)
        document = yaml.load(text, Loader=_Loader)  # noqa: S506  a safe loader, see below
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (None, None)
        problem = f"not valid YAML: {error.problem or error.context}"
        raise Refused(_at(problem, place[0]), [Diagnostic(problem, *place)]) from error
    except yaml.YAMLError as error:
        raise Refused(f"not valid YAML: {error}") from error
    if not isinstance(document, dict) or "cwlVersion" not in document:
        raise Refused("not a CWL document: the key cwlVersion is missing at its top")
    return document


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Leaves dates as text, as CWL does."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _measure(text: str) -> bool:
    """Count nodes and depth by the parser's events, before anything is built.

    Tells whether there are aliases.
    """
    if len(text) > MAX_BYTES:
        raise Refused(f"the document is larger than {MAX_BYTES >> 20} MiB")
    sizes: dict[str, int] = {}
    stack: list[tuple[str | None, int]] = []
    total = aliased = 0
    for event in yaml.parse(text, Loader=_Loader):
        size = 0
        if isinstance(event, yaml.AliasEvent):
            size = sizes.get(str(event.anchor), 1)
            aliased += size
        elif isinstance(event, yaml.ScalarEvent):
            size = 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            stack.append((event.anchor, 1))
            if len(stack) > MAX_DEPTH:
                raise Refused(_at(f"nested deeper than {MAX_DEPTH}", _line(event)))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, size = stack.pop()
            if anchor:
                sizes[anchor] = size
        if size and stack:
            stack[-1] = (stack[-1][0], stack[-1][1] + size)
        total += size if isinstance(event, yaml.AliasEvent | yaml.ScalarEvent) else 0
        if aliased > MAX_ALIASED_NODES or total > MAX_NODES:
            line = _line(event)
            raise Refused(
                _at("aliases repeat too much of the document; write it out", line),
                [Diagnostic("aliases repeat too much of the document; write it out", line)],
            )
    return aliased > 0


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _at(message: str, line: int | None) -> str:
    return f"line {line}: {message}" if line else message


def choose(document: dict[str, Any], base: str, workflow: str | None) -> str:
    """Give the id of what is to run: the named one, else the first Workflow, else the tool.

    Raises
    ------
    Refused
        When nothing can run, or it has no id.
    UnknownWorkflow
        When there is none of that name.
    """
    graph = document.get("$graph")
    objects = graph if isinstance(graph, list) else [document]
    runnable = [o for o in objects if isinstance(o, dict) and o.get("class") in RUNNABLE]
    ids = {_short(o.get("id")): o for o in runnable}
    if workflow is not None:
        if workflow not in ids:
            raise UnknownWorkflow(workflow)
        return workflow
    if not runnable:
        raise Refused("the document has no Workflow and no CommandLineTool")
    workflows = [o for o in runnable if o["class"] == "Workflow"]
    main = ids.get("main")
    chosen = main or (workflows or runnable)[0]
    if main is None and not workflows and len(runnable) > 1:
        raise Refused("the document has several tools and no Workflow; add one that joins them")
    name = _short(chosen.get("id"))
    if not name:
        if base == PACKAGE:
            raise Refused("the document has no id; add 'id: my-workflow' at its top")
        name = base.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return name


def _short(identifier: Any) -> str:
    return str(identifier or "").rsplit("#", 1)[-1]


def load(text: str, base: str, process_id: str, fetch: Fetch) -> Any:
    """Give cwltool's Process of a document.

    Raises
    ------
    Refused
        With one diagnostic for each mistake.
    """
    document = read(text)
    objects = document.get("$graph")
    is_graph = isinstance(objects, list)
    has_id = is_graph or "id" in document
    is_aliased = _measure(text)
    if is_aliased:
        # schema-salad changes in place what aliases share; written out, each stands alone.
        text = json.dumps(document)
    context = LoadingContext(
        {
            "construct_tool_object": make_tool,
            "fetcher_constructor": _fetcher(base, text, fetch),
            "disable_js_validation": True,
            "relax_path_checks": True,
            # Ontologies ($schemas) are large and only name formats: not fetched for packages.
            "skip_schemas": not base.startswith("file:"),
            "doc_cache": False,
            "enable_dev": True,
        }
    )
    try:
        return load_tool(f"{base}#{process_id}" if has_id else base, context)
    except (ValidationException, WorkflowException) as error:
        found = diagnose(error)
        if is_aliased:
            found = [Diagnostic(diagnostic.message) for diagnostic in found]
        first = found[0]
        raise Refused(_at(first.message, first.line), found) from error
    except RecursionError as error:
        raise Refused("the document refers to itself") from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        # cwltool meets some mistakes with a bare Python error.
        raise Refused(f"the document cannot be read: {type(error).__name__} {error}") from error


def _fetcher(base: str, text: str, fetch: Fetch) -> type[DefaultFetcher]:
    class WorkerFetcher(DefaultFetcher):  # type: ignore[misc]
        """Asks the worker for every document but the one at hand."""

        def fetch_text(self, url: str, content_types: Any = None) -> str:
            if url == base:
                return text
            if isinstance(self.cache.get(url), str):
                return str(self.cache[url])
            fetched = fetch(url)
            if not url.endswith(ONTOLOGIES):
                _measure(fetched)
            return fetched

        def check_exists(self, url: str) -> bool:
            if url.split("#")[0] == base or url in self.cache:
                return True
            try:
                fetch(url.split("#")[0])
            except Refused:
                return False
            return True

    return WorkerFetcher


_PLACE = re.compile(r"^\S*?:(\d+):(\d+):\s+(.*)$")
_FRAME = re.compile(
    r"^(\'[^\']*\'|.*is not valid because( tried .* but)?|tried .* but|Tool definition .*:)$"
)


def diagnose(error: Exception) -> list[Diagnostic]:
    """Give the innermost mistakes of a validation error, in words, with their places."""
    places: dict[tuple[int | None, int | None], list[str]] = {}
    at: tuple[int | None, int | None] = (None, None)
    for text in str(error).splitlines():
        place = _PLACE.match(text)
        if place:
            at = (int(place[1]), int(place[2]))
            text = place[3]
        places.setdefault(at, []).append(text.strip(" *-\t"))
    found = []
    for (line, column), words in places.items():
        message = " ".join(word for word in words if word)
        message = re.sub(r"\S*?package\.invalid/package\.cwl#?", "", message)
        message = re.sub(r"checking (object|field) \S*'", "", message).strip()
        message = re.sub(r",? expected one of: .*", "", message)
        if message and not _FRAME.match(message):
            found.append(Diagnostic(message[:500], line, column))
    with_place = [diagnostic for diagnostic in found if diagnostic.line is not None]
    return (with_place or found)[:20] or [Diagnostic("the document is not valid CWL")]


def check_reserved(process: Any) -> None:
    """Refuse names that stage-in and stage-out of EODH reserve."""
    for entry in process.tool.get("inputs", []):
        name = _short(entry["id"]).rsplit("/", 1)[-1]
        if name in RESERVED_INPUTS:
            raise Refused(f"the input '{name}' is reserved; rename it")
    for step in getattr(process, "steps", []):
        name = _short(step.tool["id"]).rsplit("/", 1)[-1]
        if name.startswith(RESERVED_STEPS):
            raise Refused(f"the step '{name}' begins with a reserved name; rename it")
