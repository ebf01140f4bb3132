"""A deployed process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .display.graph import Graph
from .display.table import table
from .errors import EodhError, Problem
from .field import Field
from .signature import make_execute

if TYPE_CHECKING:
    from .client import Client, Package
    from .form import LaunchForm
    from .job import Job


class Process:
    """One deployed process; `process.execute(scene="s.tif")` launches it."""

    #: Launches the process with its inputs by name, and has their signature and help
    #: (`process.execute?`). UnknownInput for a name that it does not take, a TypeError that
    #: names the nearest; InputError for values that do not fit, all of them at once.
    execute: Callable[..., Job]

    def __init__(self, client: Client, description: dict[str, Any]) -> None:
        self._client, self._description = client, description
        self._fields: tuple[Field, ...] | None = None

    @property
    def id(self) -> str:
        """Identifier."""
        return str(self._description["id"])

    @property
    def title(self) -> str:
        """Title, from the label of the workflow."""
        return str(self._description.get("title", self.id))

    @property
    def version(self) -> str:
        """Version of the software, as the document gives it."""
        return str(self._description.get("version", "unknown"))

    @property
    def inputs(self) -> dict[str, Any]:
        """Input descriptions by id: title, description, schema, minOccurs."""
        found: dict[str, Any] = self._described().get("inputs", {})
        return found

    @property
    def outputs(self) -> dict[str, Any]:
        """Output descriptions by id: title, description, schema."""
        found: dict[str, Any] = self._described().get("outputs", {})
        return found

    @property
    def revision(self) -> int | None:
        """Number of the deployed revision; None where it is not known."""
        found = self._description.get("revision")
        return None if found is None else int(found)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the best practice for application packages asks for and the document lacks."""
        return tuple(map(str, self._described().get("warnings") or ()))

    def graph(self) -> Graph:
        """Give the steps and what passes between them; shows itself as a picture."""
        path = f"processes/{quote(self.id, safe='')}/graph"
        return Graph.of(self.id, self._client._http.request("GET", path).json())

    @property
    def description(self) -> str:
        """What it does, from the documentation of the workflow."""
        return str(self._description.get("description") or "")

    @property
    def fields(self) -> tuple[Field, ...]:
        """The inputs as forms, signature, help and code have them, in their order."""
        if self._fields is None:
            self._fields = tuple(map(Field.from_json, self._form()))
        return self._fields

    def _form(self) -> list[dict[str, Any]]:
        path = f"processes/{quote(self.id, safe='')}/form"
        try:
            return list(self._client._http.request("GET", path).json()["fields"])
        except Problem as problem:
            if problem.status != 404:
                raise
        # A server of others has descriptions alone; it checks the values itself.
        return [
            {"name": name, "kind": "json", "label": found.get("title"), "help": _about(found)}
            | ({"default": found["schema"]["default"]} if "default" in found["schema"] else {})
            for name, found in self.inputs.items()
        ]

    def __getattr__(self, name: str) -> Any:
        """Make `execute` when it is asked for; a property would show no signature in help."""
        if name != "execute":
            raise AttributeError(f"a process has no '{name}'")
        self.execute = make_execute(self)
        return self.execute

    def __dir__(self) -> list[str]:
        """Complete `execute` too."""
        return [*super().__dir__(), "execute"]

    def launch(self, /, **inputs: Any) -> Job:
        """Launch the process; see `execute`."""
        return self._client.execute(self, inputs)

    def form(self, values: Mapping[str, Any] | None = None) -> LaunchForm:
        """Give a form of widgets for the inputs, which launches when they fit.

        Parameters
        ----------
        values
            What is filled in at first, by input id; default the defaults.
        """
        from .form import LaunchForm

        return LaunchForm(self, values or {})

    def replace(self, package: Package, *, workflow: str | None = None) -> Process:
        """Deploy the next revision; jobs that run keep theirs.

        Raises
        ------
        Problem
            When the document is wrong, or describes another process.
        """
        return self._client.replace(self.id, package, workflow=workflow)

    def undeploy(self) -> None:
        """Take the process away; its jobs stay."""
        self._client.undeploy(self.id)

    def package(self) -> str:
        """Give the CWL as it was deployed."""
        path = f"processes/{quote(self.id, safe='')}/package"
        return self._client._http.request("GET", path).text

    def _described(self) -> dict[str, Any]:
        """Give the whole description; lists hold summaries only."""
        if "inputs" not in self._description:
            self._description = self._client.process(self.id)._description
        return self._description

    def __repr__(self) -> str:
        """Show one line."""
        revision = f", revision {self.revision}" if self.revision is not None else ""
        return f"Process({self.id!r}, {self.title!r}, version {self.version}{revision})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        bundle = {"text/plain": repr(self)}
        try:
            bundle["text/html"] = self._repr_html_()
            bundle["text/vnd.mermaid"] = self.graph().to_mermaid()
        except EodhError:
            # Showing an object never fails; its one line needs no runner.
            return bundle
        return bundle

    def _repr_html_(self) -> str:
        inputs = [(n, type_name(i["schema"]), _need(i), _about(i)) for n, i in self.inputs.items()]
        outputs = [(n, type_name(o["schema"]), "", _about(o)) for n, o in self.outputs.items()]
        head = f"<b>{escape(self.title)}</b> <code>{escape(self.id)}</code> {escape(self.version)}"
        if self.revision is not None:
            head += f" · revision {self.revision}"
        return (
            head
            + table(("Input", "Type", "Needed", "What it is"), inputs)
            + table(("Output", "Type", "", "What it is"), outputs)
            + _notes(self.warnings)
        )


def _notes(warnings: tuple[str, ...]) -> str:
    if not warnings:
        return ""
    count = "1 note" if len(warnings) == 1 else f"{len(warnings)} notes"
    lines = "".join(f"<li>{escape(warning)}</li>" for warning in warnings)
    return f"<details><summary>{count} on the package</summary><ul>{lines}</ul></details>"


def type_name(schema: dict[str, Any]) -> str:
    """Give a schema's type in a word or two."""
    if "x-cwl-class" in schema:
        return str(schema["x-cwl-class"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "oneOf" in schema:
        return " | ".join(map(type_name, schema["oneOf"]))
    if schema.get("type") == "array":
        return type_name(schema.get("items", {})) + "[]"
    return str(schema.get("type", "any"))


def _need(described: dict[str, Any]) -> str:
    if "default" in described["schema"]:
        return f"default {described['schema']['default']!r}"
    return "yes" if described.get("minOccurs", 1) else "no"


def _about(described: dict[str, Any]) -> str:
    return str(described.get("description", ""))
