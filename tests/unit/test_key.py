import pytest
from eodh_runner.store import MAX_SEGMENT, key_at, key_of, location_of


@pytest.mark.parametrize("letter", ["é", "日", "🛰", "#", "a"])
def test_key_of_a_long_name_is_kept_by_any_file_system(letter, tmp_path):
    longest = letter * (255 // len(letter.encode()))  # what a file system lets be a name

    key = key_of("ws", longest)

    assert len(key.split("/")[1]) <= MAX_SEGMENT
    (tmp_path / key.split("/")[1]).touch()
    assert key_at(location_of(key)) == key


def test_key_of_long_names_that_differ_at_the_end_differs():
    assert key_of("é" * 120 + "a") != key_of("é" * 120 + "b")


def test_key_of_a_long_name_is_that_of_no_other_name():
    long = key_of("é" * 120)

    assert key_of(long) != long


def test_key_of_a_name_that_fits_is_as_it_was():
    assert key_of("é" * 42) == "%C3%A9" * 42
