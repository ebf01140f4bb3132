"""A database of an earlier version is brought to this one with what it holds."""

import json

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from eodh_runner.db import job, schema, step_tally
from eodh_runner.db.database import Database
from eodh_runner.db.job import JobFilter
from eodh_runner.domain.job import WantedResults


def make_first_database(url):
    """Give a database of the first revision with a process, a job and two step runs."""
    config = Config()
    config.set_main_option(
        "script_location", str(schema.__file__).replace("schema.py", "migrations")
    )
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "001")
        insert(
            connection, "process", workspace="ws", process_id="ndvi", revision=1, is_deployed=True
        )
        inspection = {"title": "Vegetation", "keywords": ["green"]}
        insert(
            connection, "process_revision", workspace="ws", process_id="ndvi", revision=1,
            created="2026-01-01T00:00:00.000Z", inspection=json.dumps(inspection), source=b"",
            media_type="x",
        )  # fmt: skip
        insert(
            connection, "job", job_id="j1", workspace="ws", caller="ws", executing_workspace="ws",
            process_id="ndvi", revision=1, status="successful", message="", progress=100,
            created="2026-01-01T00:00:00.000Z", updated="2026-01-01T00:00:00.000Z",
            inputs='{"a": "Ünlü"}',
            job_order='{"a": [{"class": "File", "location": "eodh-store:///ws/inputs/0/a%20b"}]}',
            is_deleted=False, request_hash="", last_seq=9, epoch=1, duration_s=5.0,
        )  # fmt: skip
        for position, state in ((1, "done"), (2, "failed")):
            insert(
                connection, "step_run", job_id="j1", path=f"crop/{position}", workspace="ws",
                position=position, log=f"crop.{position}", attempt=1, key="", state=state,
                data='{"wall_s": 2.5}',
            )  # fmt: skip
    engine.dispose()


def insert(connection, table, **values):
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(sa.text(f"insert into {table} ({names}) values ({marks})"), values)


def test_migration_fills_what_lists_need_from_what_was_stored(database_url):
    make_first_database(database_url)

    database = Database(database_url)
    database.migrate()
    with database.read() as connection:
        found, _ = job.page(connection, "ws", JobFilter(q="ünlü"), 10, 0)
        counts = step_tally.sums(connection, ["j1"])
        past = step_tally.past_steps(connection, "ws", "ndvi")
        durations_s = step_tally.past_durations(connection, "ws", "ndvi")
        search = connection.scalar(sa.select(schema.process.c.search))
        used = connection.execute(sa.select(schema.upload_use)).all()
        touched = connection.execute(sa.select(schema.upload)).all()
    database.close()

    assert [(entry.job_id, entry.wanted) for entry in found] == [("j1", WantedResults())]
    assert {state: count for state, count in counts["j1"].items() if count} == {
        "done": 1,
        "failed": 1,
    }
    assert (durations_s, past) == ([5.0], {"crop": (1.0, 2.5)})
    assert search == "ndvi\nvegetation\ngreen"
    assert used == [("j1", "ws/inputs/0/a b")]
    assert touched == [("ws/inputs/0/a b", "2026-01-01T00:00:00.000Z")]


def test_tables_of_a_migrated_database_are_those_of_the_schema(database_url):
    database = Database(database_url)
    database.migrate()
    with database.read() as connection:
        inspector = sa.inspect(connection)
        found = {
            table: {column["name"] for column in inspector.get_columns(table)}
            for table in inspector.get_table_names()
            if table != "alembic_version"
        }
    database.close()

    wanted = {name: set(table.columns.keys()) for name, table in schema.metadata.tables.items()}
    assert found == wanted
