"""Reads a document: limits first, then the standard's own rules, with line and column."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import yaml
from cwltool.context import LoadingContext
from cwltool.errors import WorkflowException
from cwltool.load_tool import load_tool
from ruamel.yaml.error import YAMLError as RuamelError
from schema_salad.exceptions import ValidationException
from schema_salad.fetcher import DefaultFetcher
from schema_salad.utils import yaml_no_ts

from ..domain.process import Diagnostic
from .diagnose import at, diagnose, place_of
from .evaluate import plain_values
from .tool import make_tool

MAX_BYTES = 2 << 20
MAX_NODES = 200_000
MAX_ALIASED_NODES = 10_000
MAX_DEPTH = 100
#: Where a package that came by itself is said to be; relative references end here.
PACKAGE = "https://package.invalid/package.cwl"
ONTOLOGIES = (".owl", ".rdf", ".ttl")
VERSION = re.compile(r"v1\.[0-3](\.\d)?(-dev\d+)?$")
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
        raise _refused(f"not valid YAML: {error.problem or error.context}", *place) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _refused(f"not valid YAML: {error.reason}", line) from error
    except yaml.YAMLError as error:
        raise Refused(f"not valid YAML: {error}") from error
    if not isinstance(document, dict) or "cwlVersion" not in document:
        raise Refused("not a CWL document: the key cwlVersion is missing at its top")
    version = str(document["cwlVersion"])
    if not VERSION.match(version):
        message = f"cwlVersion '{version}' is not supported; write v1.0, v1.1 or v1.2"
        raise _refused(message, *place_of(text, "cwlVersion"))
    return document


def _refused(message: str, line: int | None, column: int | None = None) -> Refused:
    return Refused(at(message, line), [Diagnostic(message, line, column)])


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Leaves scalars as text (`1.10`, `yes`, dates): schema-salad reads what has a type."""


_TAG = "tag:yaml.org,2002:"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag in (_TAG + "null", _TAG + "merge")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.yaml_constructors = {
    tag: made
    for tag, made in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.removeprefix(_TAG) in ("null", "str", "seq", "map")
}
for _name in ("bool", "int", "float"):
    _Loader.add_constructor(_TAG + _name, yaml.SafeLoader.construct_yaml_str)


def _measure(text: str) -> bool:
    """Count nodes and depth by the parser's events, before anything is built.

    Tells whether there are aliases.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise Refused(f"the document is larger than {MAX_BYTES >> 20} MiB")
    sizes: dict[str, int] = {}
    stack: list[tuple[str | None, int]] = []
    total = aliased = 0
    for event in yaml.parse(text, Loader=_Loader):
        size = 0
        if isinstance(event, yaml.AliasEvent):
            if any(event.anchor == anchor for anchor, _ in stack):
                message = f"the alias '*{event.anchor}' stands within what it repeats"
                raise _refused(message, _line(event))
            size = sizes.get(str(event.anchor), 1)
            aliased += size
        elif isinstance(event, yaml.ScalarEvent):
            size = 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            stack.append((event.anchor, 1))
            if len(stack) > MAX_DEPTH:
                raise _refused(f"nested deeper than {MAX_DEPTH}", _line(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, size = stack.pop()
            if anchor:
                sizes[anchor] = size
        if size and stack:
            stack[-1] = (stack[-1][0], stack[-1][1] + size)
        total += size if isinstance(event, yaml.AliasEvent | yaml.ScalarEvent) else 0
        if aliased > MAX_ALIASED_NODES:
            message = "aliases repeat too much of the document; write it out"
            raise _refused(message, _line(event))
        if total > MAX_NODES:
            raise _refused(f"the document has more than {MAX_NODES} values", _line(event))
    return aliased > 0


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


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
        workflow = workflow.removeprefix("#")
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
        text = json.dumps(as_json(text))
    text = _rename_schemas(document, text)
    ontologies = () if base.startswith("file:") else _ontologies(document)
    refusals: dict[str, str] = {}
    context = LoadingContext(
        {
            "construct_tool_object": make_tool,
            "fetcher_constructor": _fetcher(base, text, fetch, refusals, ontologies),
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
        found = [_placed(diagnostic, text) for diagnostic in diagnose(error, refusals)]
        if is_aliased:
            found = [Diagnostic(diagnostic.message) for diagnostic in found]
        first = found[0]
        raise Refused(at(first.message, first.line), found) from error
    except Refused as error:
        # What $import or $include named; the place is where the document names it.
        named = next((url for url, why in refusals.items() if why == str(error)), "")
        place = place_of(text, named.rsplit("/", 1)[-1]) if named and not is_aliased else (None,)
        raise _refused(str(error), *place) from error
    except RecursionError as error:
        raise Refused("the document refers to itself") from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        # cwltool meets some mistakes with a bare Python error.
        raise Refused(f"the document cannot be read: {type(error).__name__} {error}") from error


def _rename_schemas(document: dict[str, Any], text: str) -> str:
    """Make the plain key `schemas` of EODH's packages an extension field, which CWL allows."""
    if "schemas" not in document or "$graph" in document:
        return text
    lead = r"[\s{]*" if text.lstrip().startswith("{") else ""
    pattern = rf"^({lead})([\"']?)schemas\2(?=\s*:)"
    return re.sub(pattern, r'\1"https://w3id.org/eodh#schemas"', text, count=1, flags=re.MULTILINE)


def _ontologies(document: dict[str, Any]) -> tuple[str, ...]:
    """Give what `$schemas` names: only formats, and never fetched for a package."""
    graph = document.get("$graph")
    parts = [document, *(graph if isinstance(graph, list) else [])]
    lists = [part.get("$schemas") for part in parts if isinstance(part, dict)]
    return tuple(str(url) for urls in lists if isinstance(urls, list) for url in urls)


def _placed(diagnostic: Diagnostic, text: str) -> Diagnostic:
    """Give the diagnostic with the place of the `#reference` that it names."""
    named = re.search(r"['`](#[^'`]+)['`]", diagnostic.message)
    if diagnostic.line is not None or named is None:
        return diagnostic
    return Diagnostic(diagnostic.message, *place_of(text, named[1]))


def as_json(text: str) -> Any:
    """Give the document as JSON values, typed as schema-salad types them.

    Raises
    ------
    Refused
        When it is not valid YAML.
    """
    try:
        found = plain_values(yaml_no_ts().load(text))
        json.dumps(found)
    except (RuamelError, ValueError, TypeError) as error:
        problem = getattr(error, "problem", None) or error
        mark = getattr(error, "problem_mark", None)
        raise _refused(f"not valid YAML: {problem}", mark.line + 1 if mark else None) from error
    return found


def _fetcher(
    base: str, text: str, fetch: Fetch, refusals: dict[str, str], ontologies: tuple[str, ...]
) -> type[DefaultFetcher]:
    def ask(url: str) -> str:
        try:
            return fetch(url)
        except Refused as error:
            refusals[url] = str(error)
            raise

    class WorkerFetcher(DefaultFetcher):  # type: ignore[misc]
        """Asks the worker for every document but the one at hand."""

        def fetch_text(self, url: str, content_types: Any = None) -> str:
            if url == base:
                return text
            if isinstance(self.cache.get(url), str):
                return str(self.cache[url])
            fetched = ask(url)
            if not url.endswith(ONTOLOGIES):
                # $include takes any text; what $import takes is parsed again, with its errors.
                with suppress(yaml.YAMLError):
                    _measure(fetched)
            return fetched

        def check_exists(self, url: str) -> bool:
            if url.split("#")[0] == base or url in self.cache or url in ontologies:
                return True
            try:
                ask(url.split("#")[0])
            except Refused:
                return False
            return True

    return WorkerFetcher


def check_reserved(process: Any, text: str) -> None:
    """Refuse names that stage-in and stage-out of EODH reserve."""
    found = []
    for entry in process.tool.get("inputs", []):
        name = _short(entry["id"]).rsplit("/", 1)[-1]
        if name in RESERVED_INPUTS:
            found.append(Diagnostic(f"the input '{name}' is reserved; rename it"))
    for step in getattr(process, "steps", []):
        name = _short(step.tool["id"]).rsplit("/", 1)[-1]
        if name.startswith(RESERVED_STEPS):
            found.append(Diagnostic(f"the step '{name}' begins with a reserved name; rename it"))
    if not found:
        return
    found = [
        Diagnostic(diagnostic.message, *place_of(text, diagnostic.message.split("'")[1]))
        for diagnostic in found
    ]
    raise Refused(at(found[0].message, found[0].line), found)
