"""Changing the settings file: what is set, what stays, and what is refused."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from robotrader.core.errors import ConfigurationError, ResourceError
from robotrader.settings import Settings, change, load, template
from robotrader.settings_edit import edited
from robotrader.settings_input import variable

TRIGGER, BATCH, ENABLED = "schedules.news.trigger", "schedules.news.batch", "schedules.earnings.enabled"
FOR = "schedules.news.fresh_hours_for"

SHAPES = [
    "",
    template(),
    "# mine\n[schedules.news] # of the news\ntrigger = 'daily 08:00'  # early\n\n# money\n[budget]\ndaily_usd = 2.50\n",
    "[schedules]\nnews.trigger = 'daily 08:00'\n# tail",
    "schedules.news.trigger = 'daily 08:00'",
    "schedules = { news = { trigger = 'daily 08:00' } } # all in one\n",
    "[schedules.news]\nbatch = 2\n[budget]\ndaily_usd = 3\n[schedules.earnings]\nenabled = true\n",
    "[schedules.news.fresh_hours_for] # own\nSBIN = 6 # volatile\n'TCS' = 7\n# end\n",
    "[schedules.news]\nfresh_hours_for = { SBIN = 6 } # own\n",
    "[perplexity]\nmodel = '''\n[schedules.news]\n#trigger = 1\n'''\n",
    "[perplexity]\r\nmodel = 'x'\r\n[schedules.news]\r\nbatch = 2\r\n",
]


def at(table: Mapping[str, Any], key: str) -> Any:
    for name in key.split("."):
        table = table.get(name, {})
    return table


def comments(text: str) -> list[str]:
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line and not line.startswith("#")]


@pytest.mark.parametrize("text", SHAPES)
def test_what_is_set_is_said_and_the_rest_stays(text: str) -> None:
    wanted = {TRIGGER: "every 15m", BATCH: 5, ENABLED: False, FOR: {"SBIN": 12, "M&M": 0.5}}
    new = edited(text, wanted)
    before, after = tomllib.loads(text), tomllib.loads(new)
    assert {key: at(after, key) for key in wanted} == wanted
    for key in ("budget", "perplexity"):
        assert after.get(key) == before.get(key)
    assert set(comments(text)) <= set(comments(new))
    assert ("\r\n" in new) == ("\r\n" in text)
    assert new.count("\n") == new.count("\r\n") or "\r" not in new
    assert edited(new, wanted) == new


@pytest.mark.parametrize("text", SHAPES)
def test_what_is_taken_out_is_gone(text: str) -> None:
    new = edited(edited(text, {TRIGGER: "every 15m", FOR: {"SBIN": 1}}), {TRIGGER: None, FOR: None})
    news = at(tomllib.loads(new), "schedules.news")
    assert "trigger" not in news
    assert "fresh_hours_for" not in news
    assert edited(new, {TRIGGER: None}) == new


def test_a_line_that_shows_the_default_is_put_to_use_and_back() -> None:
    original = template()
    new = edited(original, {TRIGGER: "every 15m", FOR: {"M&M": 6}})
    changes = [pair for pair in zip(original.splitlines(), new.splitlines(), strict=True) if pair[0] != pair[1]]
    assert changes == [
        ('#trigger = "daily 08:00"', 'trigger = "every 15m"'),
        ("#fresh_hours_for = {}", 'fresh_hours_for = { "M&M" = 6 }'),
    ]
    assert edited(new, {TRIGGER: None, FOR: None}) == original


def test_only_the_symbols_that_change_are_touched() -> None:
    text = "[schedules.news.fresh_hours_for]\nSBIN = 6 # volatile\n'TCS' = 7 # calm\n"
    assert edited(text, {FOR: {"SBIN": 6, "INFY": 8}}).splitlines()[1:] == ["SBIN = 6 # volatile", "INFY = 8"]


values = st.one_of(st.none(), st.sampled_from(["daily 08:00", "every 1h", 'a "b" \\ c']))
tables = st.none() | st.dictionaries(
    st.sampled_from(["SBIN", "M&M", "BSE:TCS", "20MICRONS"]), st.integers(0, 9), min_size=1
)


@given(st.sampled_from(SHAPES), st.lists(st.tuples(values, tables), min_size=1, max_size=4))
@hypothesis_settings(deadline=None, max_examples=60)
def test_changes_in_a_row(text: str, steps: list[tuple[str | None, dict[str, int] | None]]) -> None:
    new = text
    for trigger, table in steps:
        new = edited(new, {TRIGGER: trigger, FOR: table})
        said = at(tomllib.loads(new), "schedules.news") or {}
        assert (said.get("trigger"), said.get("fresh_hours_for")) == (trigger, table)


# The file


def agree(settings: Settings) -> None:
    """Every change is right."""


def test_a_file_is_made_where_there_is_none(tmp_path: Path) -> None:
    home = tmp_path / "new"
    done = change({TRIGGER: "every 15m"}, agree, {}, home=home)
    assert (done.path, done.written) == (home / "config.toml", True)
    assert done.settings.schedules.news.trigger == "every 15m"
    assert load({}, home=home).schedules.news.trigger == "every 15m"
    assert "# Settings of robotrader." in done.path.read_text()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (home, done.path)] == [0o700, 0o600]


def test_a_change_of_nothing_writes_nothing(tmp_path: Path) -> None:
    change({TRIGGER: "every 15m"}, agree, {}, home=tmp_path)
    before = (tmp_path / "config.toml").stat()
    assert change({TRIGGER: "every 15m", BATCH: None}, agree, {}, home=tmp_path).written is False
    assert (tmp_path / "config.toml").stat() == before


def test_values_by_symbol_are_merged(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[schedules.news.fresh_hours_for]\n'NSE:SBIN' = 6\nTCS = 2.5\n")
    change({FOR: {"SBIN": 12, "INFY": 3}}, agree, {}, home=tmp_path)
    assert load({}, home=tmp_path).schedules.news.fresh_hours_for == {"SBIN": 12.0, "TCS": 2.5, "INFY": 3.0}
    done = change({FOR: {"SBIN": None, "TCS": None, "INFY": None}}, agree, {}, home=tmp_path)
    assert done.settings.schedules.news.fresh_hours_for == {}
    assert "fresh_hours_for" not in done.path.read_text()


def test_a_byte_order_mark_and_a_link_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_bytes(b"\xef\xbb\xbfprovider = 'sandbox'\n")
    (tmp_path / "config.toml").symlink_to("real.toml")
    change({BATCH: 2}, agree, {}, home=tmp_path)
    assert (tmp_path / "config.toml").is_symlink()
    loaded = load({}, home=tmp_path)
    assert (loaded.provider, loaded.schedules.news.batch) == ("sandbox", 2)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({BATCH: 99}, "schedules.news.batch in {}: at most 20 is needed, not 99"),
        ({FOR: {"sbin": 1}}, "not a trading symbol: 'sbin'"),
        ({"schedules.news.fresh_hour": 1}, "schedules.news.fresh_hour in {} is not a setting"),
    ],
)
def test_a_wrong_change_is_kept_out(tmp_path: Path, wanted: Mapping[str, Any], told: str) -> None:
    text = "[schedules.news]\nbatch = 2 # mine\n"
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        change(wanted, agree, {}, home=tmp_path)
    assert told.format(tmp_path / "config.toml") in str(caught.value)
    assert (tmp_path / "config.toml").read_text() == text


def test_what_the_judge_refuses_is_kept_out(tmp_path: Path) -> None:
    def refuse(settings: Settings) -> None:
        assert settings.schedules.news.trigger == "whenever"
        raise ConfigurationError("not a trigger")

    with pytest.raises(ConfigurationError, match="not a trigger"):
        change({TRIGGER: "whenever"}, refuse, {}, home=tmp_path)
    assert not (tmp_path / "config.toml").exists()


def test_a_file_that_is_wrong_already_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("x = [\n")
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        change({BATCH: 2}, agree, {}, home=tmp_path)
    assert (tmp_path / "config.toml").read_text() == "x = [\n"


def test_what_the_environment_sets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        change({TRIGGER: "every 1h"}, agree, {variable(TRIGGER): "daily 09:00"}, home=tmp_path)
    assert str(caught.value) == (
        f"{TRIGGER} is set by the environment ({variable(TRIGGER)}), which wins over {tmp_path / 'config.toml'}"
    )
    assert not (tmp_path / "config.toml").exists()
    assert change({TRIGGER: "every 1h"}, agree, {variable(TRIGGER): " "}, home=tmp_path).written


def test_changes_at_once_are_all_kept(tmp_path: Path) -> None:
    symbols = [f"STOCK{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda symbol: change({FOR: {symbol: 6}}, agree, {}, home=tmp_path), symbols))
    assert sorted(load({}, home=tmp_path).schedules.news.fresh_hours_for) == sorted(symbols)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".settings.json", "config.toml", "locks"]


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        change({BATCH: 2}, agree, {}, home=tmp_path / "file")
    (tmp_path / "locks").write_text("")
    with pytest.raises(ResourceError, match="cannot be written"):
        change({BATCH: 2}, agree, {}, home=tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_home_is_told(tmp_path: Path) -> None:
    change({BATCH: 2}, agree, {}, home=tmp_path)
    tmp_path.chmod(0o500)
    with pytest.raises(ResourceError, match="cannot write"):
        change({BATCH: 3}, agree, {}, home=tmp_path)
    tmp_path.chmod(0o700)
