"""JavaScript expressions by QuickJS: no host objects, bounded in memory and time."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar

import quickjs
from cwl_utils.errors import JavascriptException
from cwl_utils.sandboxjs import NodeJSEngine, set_js_engine

MEMORY_BYTES = 64 << 20
STACK_BYTES = 1 << 20
#: After so many limits the process ends: QuickJS does not look at its own within some native
#: loops (`new Array(2e9).join('x')`).
PATIENCE = 2

# A run must give the same keys in every life of the engine: the clock and chance are fixed.
PRELUDE = """(function(){
var fixed = 946684800000, Real = Date, seed = 42;
function Fixed() {
  if (!new.target) { return new Real(fixed).toString(); }
  return arguments.length ? new Real(...arguments) : new Real(fixed);
}
Fixed.prototype = Real.prototype; Fixed.UTC = Real.UTC; Fixed.parse = Real.parse;
Fixed.now = function() { return fixed; };
Real.prototype.constructor = Fixed; globalThis.Date = Fixed;
Math.random = function() {
  seed = (seed * 1664525 + 1013904223) % 4294967296; return seed / 4294967296;
};
})();"""


class QuickJSEngine(NodeJSEngine):  # type: ignore[misc]
    """A fresh context for each expression; parameter references are pure Python.

    Parameters
    ----------
    limit_s
        Processor time of one expression.
    """

    def __init__(self, limit_s: float) -> None:
        super().__init__()
        self._limit_s = limit_s

    def eval(self, scan: Any, jslib: str = "", **_: Any) -> Any:
        """Give the value of an expression or function body; raises JavascriptException."""
        body = scan if len(scan) > 1 and scan[0] == "{" else "{return (" + scan + ");}"
        context = quickjs.Context()
        context.set_memory_limit(MEMORY_BYTES)
        context.set_max_stack_size(STACK_BYTES)
        context.set_time_limit(self._limit_s)
        Watch.began = time.process_time()
        try:
            context.eval(PRELUDE)
            text = context.eval(f'"use strict";\n{jslib}\nJSON.stringify((function(){body})())')
        except quickjs.JSException as error:
            shown = scan if len(scan) <= 200 else scan[:200] + "..."
            reason = str(error).split("\n", 1)[0]
            raise JavascriptException(f"the expression {shown} failed: {reason}") from error
        finally:
            Watch.began = None
        return None if text is None else json.loads(text)


class Watch:
    """A thread that ends the process when an expression does not stop; QuickJS lets it run."""

    #: Processor time at which the expression at hand began.
    began: ClassVar[float | None] = None

    @classmethod
    def start(cls, limit_s: float, end: Callable[[], None]) -> None:
        """Start watching; `end` must not return."""
        threading.Thread(target=cls._watch, args=(limit_s, end), daemon=True).start()

    @classmethod
    def _watch(cls, limit_s: float, end: Callable[[], None]) -> None:
        while True:
            time.sleep(limit_s / 5)
            began = cls.began
            if began is not None and time.process_time() - began > PATIENCE * limit_s:
                end()


def install(limit_s: float) -> None:
    """Make cwltool evaluate with QuickJS."""
    set_js_engine(QuickJSEngine(limit_s))
