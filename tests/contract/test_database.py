"""The use cases and the migrations on Postgres, as the unit tests have them on SQLite."""

import threading
from functools import partial

import pytest
import sqlalchemy as sa
from eodh_runner.db import postgres, process
from eodh_runner.db.database import Database
from eodh_runner.db.job import JobFilter, page
from eodh_runner.db.postgres import Lead, LeadLost, read_url
from eodh_runner.settings import Settings

from ..unit import test_migration, test_service, test_standing
from ..unit.conftest import ME, database, make_document, service, store  # noqa: F401

for _module in (test_migration, test_service, test_standing):
    for _name, _value in vars(_module).items():
        if _name.startswith("test_") and callable(_value):
            globals()[_name] = _value


@pytest.fixture
def database_url(postgres_server):
    return postgres_server.database()


@pytest.fixture
def lead(database_url):
    lead = Lead(read_url(database_url))
    assert lead.take(waits=False)
    yield lead
    lead.release()


def test_contract_runs_the_use_cases_on_postgres(database):  # noqa: F811
    with database.read() as connection:
        assert connection.dialect.name == "postgresql"


async def test_processes_are_listed_by_code_point(service, database):  # noqa: F811
    for name in ("b", "B", "a_1", "a-2", "a1"):
        await service.deployment.deploy(ME, "ws", make_document(name), "application/cwl")

    with database.read() as connection:
        found = [p.process_id for p in process.list_deployed(connection, "ws", 9, "")]

    assert found == sorted(found)
    assert {"b", "B", "a_1"} <= set(found)


def test_search_finds_text_with_a_nul_and_takes_marks_as_they_are(service, database):  # noqa: F811
    wanted = service.execute(ME, "ws", "echo", {"stringInput": "Ünlü\0 100%_x"})
    service.execute(ME, "ws", "echo", {"stringInput": "100 percent"})

    for q in ("ünlü", "100%_", "\0ÜNLÜ"):
        with database.read() as connection:
            found, total = page(connection, "ws", JobFilter(q=q), 10, 0)
        assert ([entry.job_id for entry in found], total) == ([wanted.job_id], 1)


@pytest.mark.parametrize(("is_durable", "level"), [(True, "on"), (False, "off")])
def test_only_a_durable_write_waits_for_the_disk(database, is_durable, level):  # noqa: F811
    with database.write(durable=is_durable) as connection:
        assert connection.scalar(sa.text("show synchronous_commit")) == level


def test_takeover_waits_for_the_write_that_is_open(database, database_url):  # noqa: F811
    second = Database(database_url)
    taking = threading.Thread(target=second.begin_epoch)
    with database.write() as connection:
        taking.start()
        while not _waiting(connection):
            pass
    taking.join(10)

    assert second.epoch == database.epoch + 1
    with pytest.raises(RuntimeError, match="took over"), database.write():
        pass
    second.close()


def _waiting(connection):
    asked = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    connection.execute(sa.text("select pg_stat_clear_snapshot(), pg_sleep(0.02)"))
    return connection.scalar(sa.text(asked))


def test_standby_waits_until_the_lock_is_free(lead, database_url, monkeypatch, caplog):
    monkeypatch.setattr(postgres, "LOOK_S", 0.02)
    caplog.set_level("INFO", postgres.__name__)
    standby, said = Lead(read_url(database_url)), threading.Event()
    monkeypatch.setattr(postgres.time, "sleep", lambda _s: said.set())
    waiting = threading.Thread(target=partial(standby.take, waits=True))
    waiting.start()
    assert said.wait(10)
    with pytest.raises(LeadLost, match="not held"):
        Lead(read_url(database_url)).check()
    assert waiting.is_alive()

    lead.release()
    waiting.join(10)

    standby.check()
    standby.release()
    assert [r.getMessage().split(" ")[0] for r in caplog.records] == ["standby:", "takes"]


def test_lead_whose_connection_is_ended_is_lost(lead, database_url):
    lead.check()
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        ended = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
        connection.execute(sa.text(ended))
    engine.dispose()

    with pytest.raises(LeadLost, match="is lost"):
        lead.check()


def test_database_that_cannot_be_reached_is_named_without_its_password():
    url = "postgresql+psycopg://me:s3cret@127.0.0.1:1/runner"

    with pytest.raises(ValueError, match=r"EODH_DATABASE_URL: .*127.0.0.1:1/runner") as raised:
        Lead(read_url(url)).take(waits=False)

    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    "text", ["x", "mysql://me:s3cret@h/d", "postgresql+psycopg://me:s3cret@h", "nope://s3cret@h/d"]
)
def test_address_of_another_kind_is_refused_without_its_text(text):
    with pytest.raises(ValueError, match=r"postgresql.psycopg://user@host/database") as raised:
        read_url(text)

    assert "s3cret" not in str(raised.value)


def test_settings_do_not_show_the_address_of_the_database(tmp_path):
    settings = Settings.from_environment({"EODH_DATABASE_URL": "postgresql://s3cret"}, tmp_path)

    assert settings.database_url == "postgresql://s3cret"
    assert "s3cret" not in repr(settings)
