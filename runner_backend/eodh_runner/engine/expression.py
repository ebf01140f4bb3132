"""ExpressionTools: evaluated here, at their step path."""

from __future__ import annotations

from typing import Any

from cwltool.command_line_tool import ExpressionTool
from cwltool.utils import normalizeFilesDirs

from .identity import Scope


class EngineExpression(ExpressionTool):  # type: ignore[misc]
    """An ExpressionTool whose jobs know their step, and keep why they failed."""

    def job(self, job_order: Any, output_callbacks: Any, runtime_context: Any) -> Any:
        """Give the one job."""
        for job in super().job(job_order, output_callbacks, runtime_context):
            yield ExpressionJob(job, runtime_context)


class ExpressionJob:
    """One evaluation; its literals are named by the step path, not by what ran before."""

    def __init__(self, job: Any, context: Any) -> None:
        self._job, self._context = job, context

    def run(self, *_: Any) -> None:
        """Evaluate and hand the outputs on."""
        job, context = self._job, self._context
        try:
            with Scope.at(context.step_path):
                normalizeFilesDirs(job.builder.job)
                outputs = job.builder.do_eval(job.script)
                normalizeFilesDirs(outputs)
        except Exception as error:  # noqa: BLE001  an expression may raise anything
            context.failures.append(error)
            job.output_callback({}, "permanentFail")
        else:
            job.output_callback(outputs, "success")
