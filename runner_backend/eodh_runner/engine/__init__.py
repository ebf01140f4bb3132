"""The engine: cwltool as a pure evaluator, in a jailed child without files or network."""
