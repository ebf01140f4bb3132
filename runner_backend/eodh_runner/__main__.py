"""`eodh-runner`: serve, engine, migrate; stage-in and collect in the pods of step runs."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from pathlib import Path

from . import __version__
from .settings import Settings


def main(argv: list[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="eodh-runner", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    serve = verbs.add_parser("serve", help="run the runner")
    migrate = verbs.add_parser("migrate", help="bring the database to this version")
    for verb in (serve, migrate):
        verb.add_argument("--data", type=Path, help="data folder (default: EODH_DATA)")
    serve.add_argument("--tcp", metavar="HOST:PORT", help="listen on TCP too; needs a token")
    serve.add_argument(
        "--token-file", type=Path, help="file with the token that TCP requests must bear"
    )
    serve.add_argument(
        "--no-auth", action="store_true", help="TCP without a token; loopback only, for tests"
    )
    serve.add_argument(
        "--name", action="append", default=[], help="host name that TCP clients may use; repeatable"
    )
    serve.add_argument(
        "--behind-proxy", action="store_true", help="take the links' address from X-Forwarded-*"
    )
    engine = verbs.add_parser("engine", help="read documents for a runner of another user")
    engine.add_argument("--socket", type=Path, required=True, help="where the runner connects")
    verbs.add_parser("stage-in", help="bring the inputs of a step run into its pod")
    verbs.add_parser("collect", help="store the log and the outputs of a step run's pod")
    serve.add_argument(
        "--no-jail", action="store_true", help="TCP also where the engine cannot be jailed"
    )
    arguments = parser.parse_args(argv)
    if arguments.verb in ("stage-in", "collect"):
        from .executor.kubernetes import collect, stage_in

        inside = stage_in.main if arguments.verb == "stage-in" else collect.main
        return inside(os.environ)
    if arguments.verb == "engine":
        from .engine.main import listen

        sys.setrecursionlimit(3000)
        settings = Settings.from_environment(os.environ, arguments.socket.parent)
        listen(arguments.socket, settings.expression_limit_s)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # Every request of every client is not news.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = Settings.from_environment(os.environ, arguments.data)
        if arguments.verb == "migrate":
            return _migrate(settings)
        return _serve(settings, arguments)
    except (ValueError, PermissionError) as error:
        print(f"eodh-runner: {error}", file=sys.stderr)
        return 2


def _migrate(settings: Settings) -> int:
    from .hold import AlreadyRunning, hold_data, hold_database
    from .serve import open_database

    try:
        with hold_database(settings, waits=False), hold_data(settings.data):
            open_database(settings).migrate()
    except AlreadyRunning as error:
        print(f"eodh-runner: {error}; stop it first", file=sys.stderr)
        return 1
    return 0


def _serve(settings: Settings, arguments: argparse.Namespace) -> int:
    from .db.postgres import LeadLost
    from .hold import AlreadyRunning
    from .serve import NoJail, Tcp, serve

    host, port, token = _tcp(arguments)
    names, is_behind_proxy = tuple(arguments.name), arguments.behind_proxy
    if host is None and (names or is_behind_proxy):
        raise ValueError("--name and --behind-proxy are for --tcp")
    tcp = None
    if host is not None:
        tcp = Tcp(host, port, token, names, is_behind_proxy, arguments.no_jail)
    # The first process of a container is not ended by a signal that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        serve(settings, tcp)
    except AlreadyRunning as error:
        logging.getLogger(__name__).info("%s; nothing to do", error)
    except LeadLost as error:
        print(f"eodh-runner: {error}; start it again", file=sys.stderr)
        return 1
    except NoJail as error:
        print(f"eodh-runner: {error}", file=sys.stderr)
        return 2
    return 0


def _tcp(arguments: argparse.Namespace) -> tuple[str | None, int, str | None]:
    if arguments.tcp is None:
        return None, 0, None
    host, _, port = arguments.tcp.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"--tcp is '{arguments.tcp}'; write HOST:PORT, for example 127.0.0.1:8123")
    if arguments.no_auth:
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("--no-auth serves loopback only; give a --token-file for other hosts")
        return host, int(port), None
    if arguments.token_file is None:
        raise ValueError("--tcp needs --token-file, so that strangers cannot run jobs")
    token = arguments.token_file.read_text().strip()
    if len(token) < 16:
        raise ValueError(f"the token in {arguments.token_file} is shorter than 16 characters")
    return host, int(port), token


if __name__ == "__main__":
    sys.exit(main())
