from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from robotrader import settings_input
from robotrader.core.errors import ConfigurationError
from robotrader.settings import PerplexitySettings, ScheduleSettings, Settings, describe, load, template
from robotrader.settings_input import SNAPSHOT_NAME, changed, leaves, variable
from robotrader.settings_template import as_toml

KEY = "pplx-0123456789abcdef0123"
OTHER_KEY = "pplx-fedcba9876543210fedc"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def write(home: Path, text: str) -> None:
    (home / "config.toml").write_text(text, encoding="utf-8")


def twice(home: Path, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Load from nothing, then (where that is kept) from the snapshot: both must say the same."""
    (home / SNAPSHOT_NAME).unlink(missing_ok=True)
    first = load(environ or {}, home=home, overrides=overrides)
    assert (home / SNAPSHOT_NAME).exists() is not bool(overrides)
    assert load(environ or {}, home=home, overrides=overrides) == first
    return first


def refused(home: Path, environ: Mapping[str, str] | None = None, **overrides: Any) -> tuple[str, str]:
    with pytest.raises(ConfigurationError) as caught:
        load(environ or {}, home=home, overrides=overrides)
    message, remedy = str(caught.value), caught.value.context.remedy
    assert remedy is not None
    assert "\n" not in message + remedy
    assert not (home / SNAPSHOT_NAME).exists()
    chain: BaseException | None = caught.value
    while chain is not None:
        assert "input_value" not in str(chain) or chain.__suppress_context__
        chain = chain.__cause__
    return message, remedy


# Where values come from


def test_without_anything_the_defaults_hold(home: Path) -> None:
    assert twice(home) == Settings(home)


def test_the_file_wins_over_the_defaults(home: Path) -> None:
    write(
        home,
        """
        provider = "perplexity"
        [perplexity]
        base_url = "http://127.0.0.1:8080/gateway/"
        dialect = "chat"
        requests_per_minute = 5
        read_timeout_seconds = 7
        [budget]
        daily_usd = 1.10
        monthly_usd = "none"
        daily_calls = "None"
        monthly_calls = 0
        [schedules.earnings]
        enabled = false
        trigger = "every 15m"
        fresh_hours = 1.5
        """,
    )
    loaded = twice(home)
    assert loaded.provider == "perplexity"
    assert loaded.perplexity == PerplexitySettings(
        base_url="http://127.0.0.1:8080/gateway", dialect="chat", requests_per_minute=5, read_timeout_seconds=7.0
    )
    assert isinstance(loaded.perplexity.read_timeout_seconds, float)
    budget = loaded.budget
    assert (budget.daily_usd, budget.monthly_usd, budget.daily_calls, budget.monthly_calls) == (
        Decimal("1.1"),
        None,
        None,
        0,
    )
    assert isinstance(budget.daily_usd, Decimal)
    assert loaded.schedules.earnings == ScheduleSettings(enabled=False, trigger="every 15m", fresh_hours=1.5)


def test_the_environment_wins_over_the_file(home: Path) -> None:
    write(home, "[scheduler]\nlease_seconds = 5\nconcurrency = 3\n[budget]\ndaily_usd = 3")
    environ = {
        "ROBOTRADER_SCHEDULER__LEASE_SECONDS": "9.5",
        "ROBOTRADER_BUDGET__DAILY_USD": "none",
        "ROBOTRADER_SCHEDULES__EARNINGS__ENABLED": "true",
        "ROBOTRADER_PROVIDER": "sandbox",
        "SOMETHING_ELSE": "x",
        "robotrader_provider": "ignored",
    }
    loaded = twice(home, environ)
    assert (loaded.scheduler.lease_seconds, loaded.scheduler.concurrency) == (9.5, 3)
    assert loaded.budget.daily_usd is None
    assert loaded.schedules.earnings.enabled is True
    assert loaded.provider == "sandbox"


def test_options_win_over_the_environment(home: Path) -> None:
    write(home, "[sandbox]\nfault = '429'")
    environ = {"ROBOTRADER_SANDBOX__FAULT": "401"}
    assert twice(home, environ).sandbox.fault == "401"
    assert twice(home, environ, sandbox={"fault": "cut"}, provider="sandbox").sandbox.fault == "cut"
    assert load(environ, home=home).sandbox.fault == "401"


def test_a_blank_variable_counts_as_not_set(home: Path) -> None:
    write(home, "[scheduler]\nconcurrency = 3")
    assert twice(home, {"ROBOTRADER_SCHEDULER__CONCURRENCY": " ", "ROBOTRADER_PROVIDER": ""}).scheduler.concurrency == 3


def test_a_changed_file_or_environment_or_program_is_seen(home: Path) -> None:
    for number in (1, 2):
        write(home, f"[scheduler]\nconcurrency = {number}")
        assert load({}, home=home).scheduler.concurrency == number
        environ = {"ROBOTRADER_SCHEDULER__CONCURRENCY": "7"}
        assert load(environ, home=home).scheduler.concurrency == 7
        assert load({}, home=home).scheduler.concurrency == number
    (home / "config.toml").unlink()
    assert load({}, home=home) == Settings(home)
    write(home, "")
    assert load({}, home=home) == Settings(home)


def test_a_byte_order_mark_does_no_harm(home: Path) -> None:
    (home / "config.toml").write_bytes(b"\xef\xbb\xbfprovider = 'sandbox'")
    assert twice(home).provider == "sandbox"


@pytest.mark.parametrize(
    ("provider", "keys", "live"),
    [("auto", "", False), ("auto", KEY, True), ("sandbox", KEY, False), ("perplexity", "", True)],
)
def test_who_answers(home: Path, provider: str, keys: str, live: bool) -> None:
    assert load({"PERPLEXITY_API_KEYS": keys, "ROBOTRADER_PROVIDER": provider}, home=home).live is live


# The home


def test_the_home_of_the_environment(tmp_path: Path) -> None:
    assert load({"ROBOTRADER_HOME": f" {tmp_path} "}).home == tmp_path


def test_a_relative_home_is_made_absolute_and_a_tilde_is_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    assert load({"ROBOTRADER_HOME": "here"}).home == tmp_path / "here"
    assert load({"ROBOTRADER_HOME": "~/there"}).home == tmp_path / "user" / "there"
    assert load({}, home=Path("here")).home == tmp_path / "here"


def test_a_home_of_nobody_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no_such_user_here"):
        load({"ROBOTRADER_HOME": "~no_such_user_here/x"})


def test_without_a_home_the_platform_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    for environ in ({}, {"ROBOTRADER_HOME": " "}):
        assert load(environ).home == tmp_path / "robotrader"
    assert list(tmp_path.iterdir()) == []


def test_loading_makes_no_home(tmp_path: Path) -> None:
    assert load({}, home=tmp_path / "new").home == tmp_path / "new"
    assert not (tmp_path / "new").exists()


def test_a_home_that_cannot_be_written_is_fine(home: Path) -> None:
    (home / SNAPSHOT_NAME).mkdir()
    assert load({}, home=home) == load({}, home=home) == Settings(home)
    assert [path.name for path in home.iterdir()] == [SNAPSHOT_NAME]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_home_is_fine(home: Path) -> None:
    home.chmod(0o500)
    assert load({}, home=home) == Settings(home)
    home.chmod(0o700)
    assert list(home.iterdir()) == []


def test_the_process_environment_is_the_default(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ROBOTRADER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ROBOTRADER_HOME", str(home))
    monkeypatch.setenv("ROBOTRADER_SCHEDULER__CONCURRENCY", "4")
    assert (load().home, load().scheduler.concurrency) == (home, 4)
    assert ("scheduler.concurrency", "4", "env") in describe()


# The snapshot


def test_the_snapshot_is_private_and_whole(home: Path) -> None:
    load({}, home=home)
    assert [path.name for path in home.iterdir()] == [SNAPSHOT_NAME]
    assert stat.S_IMODE((home / SNAPSHOT_NAME).stat().st_mode) == 0o600


def test_a_snapshot_is_used(home: Path) -> None:
    load({}, home=home)
    before = (home / SNAPSHOT_NAME).stat().st_mtime_ns
    load({}, home=home)
    assert (home / SNAPSHOT_NAME).stat().st_mtime_ns == before


@pytest.mark.parametrize("way", ["empty", "cut", "changed", "binary", "other", "not json"])
def test_a_corrupt_snapshot_counts_as_none(home: Path, way: str) -> None:
    write(home, "[scheduler]\nconcurrency = 3\n[budget]\ndaily_usd = 3.5")
    path = home / SNAPSHOT_NAME
    expected = load({}, home=home)
    good = path.read_text("utf-8")
    path.write_bytes(
        {
            "empty": b"",
            "cut": good[:-5].encode(),
            "changed": good.replace('"scheduler.concurrency": 3', '"scheduler.concurrency": 4').encode(),
            "binary": b"\xff\xfe" + good.encode(),
            "other": b"0" * 32 + good[32:].encode(),
            "not json": good[:32].encode() + b"\n{{",
        }[way]
    )
    assert path.read_text("utf-8", errors="replace") != good
    assert load({}, home=home) == expected
    assert path.read_text("utf-8") == good


IMPORTS = """
import sys
from pathlib import Path
from robotrader import settings
loaded = settings.load({environ!r}, home={home})
print(loaded.perplexity.api_keys, loaded.budget.daily_usd)
for name in ("pydantic", "pydantic_settings", "tomllib", "platformdirs", "typing_extensions", "httpx"):
    if name in sys.modules:
        print(name)
"""


def imported(environ: Mapping[str, str], home: str = "None") -> list[str]:
    script = IMPORTS.format(environ=dict(environ), home=home)
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.splitlines()


def test_a_snapshot_spares_the_imports(home: Path) -> None:
    write(home, "[budget]\ndaily_usd = 3.5")
    environ = {"ROBOTRADER_HOME": str(home), "PERPLEXITY_API_KEYS": "a,b"}
    assert "pydantic" in imported(environ)
    assert imported(environ) == ["('a', 'b') 3.5"]
    write(home, f"[perplexity]\napi_keys = ['{KEY}']")
    assert "pydantic" in imported({"ROBOTRADER_HOME": str(home)})
    assert imported({"ROBOTRADER_HOME": str(home)}) == [f"('{KEY}',) 25", "tomllib"]
    assert imported({}, f"Path({str(home)!r})") == [f"('{KEY}',) 25", "tomllib"]


# Secrets


@pytest.mark.parametrize(
    ("environ", "in_file", "expected"),
    [
        ({}, None, ()),
        ({"PERPLEXITY_API_KEYS": "a, b ,,a, "}, None, ("a", "b")),
        ({"PERPLEXITY_API_KEY": "c"}, None, ("c",)),
        ({"PERPLEXITY_API_KEYS": "a,b", "PERPLEXITY_API_KEY": "c"}, None, ("a", "b", "c")),
        ({"PERPLEXITY_API_KEYS": "a,b", "PERPLEXITY_API_KEY": "b"}, None, ("a", "b")),
        ({}, ["d", " ", "e ", "d"], ("d", "e")),
        ({"PERPLEXITY_API_KEY": "c"}, ["d"], ("c",)),
        ({"PERPLEXITY_API_KEYS": " , "}, ["d"], ("d",)),
        ({"ROBOTRADER_PERPLEXITY__API_KEYS": "f,g", "PERPLEXITY_API_KEYS": "a"}, ["d"], ("f", "g")),
    ],
)
def test_keys(home: Path, environ: Mapping[str, str], in_file: list[str] | None, expected: tuple[str, ...]) -> None:
    if in_file is not None:
        write(home, f"[perplexity]\napi_keys = {json.dumps(in_file)}")
    assert twice(home, environ).perplexity.api_keys == expected


def test_keys_of_the_broker(home: Path) -> None:
    write(home, "[kite]\napi_key = ' from-file '\napi_secret = 'secret-file'")
    kite = twice(home, {"KITE_API_KEY": " from-env "}).kite
    assert (kite.api_key, kite.api_secret) == ("from-env", "secret-file")
    kite = twice(home, {"ROBOTRADER_KITE__API_SECRET": "other", "KITE_API_SECRET": "x"}).kite
    assert (kite.api_key, kite.api_secret) == ("from-file", "other")


def test_keys_of_options(home: Path) -> None:
    assert twice(home, {"PERPLEXITY_API_KEYS": "a"}, perplexity={"api_keys": ["z"]}).perplexity.api_keys == ("z",)


def test_a_single_key_in_the_file_may_be_a_text(home: Path) -> None:
    write(home, "[perplexity]\napi_keys = 'a, b'")
    assert twice(home).perplexity.api_keys == ("a", "b")


def test_secrets_are_neither_kept_nor_shown(home: Path) -> None:
    write(home, f"[perplexity]\napi_keys = ['{KEY}']\n[kite]\napi_secret = 'kitesecret'")
    loaded = load({"PERPLEXITY_API_KEYS": OTHER_KEY, "KITE_API_KEY": "kitekey"}, home=home)
    rows = describe({"PERPLEXITY_API_KEYS": f"{OTHER_KEY},x", "KITE_API_KEY": "kitekey"}, home=home)
    snapshot = (home / SNAPSHOT_NAME).read_text("utf-8")
    for secret in (KEY, OTHER_KEY, "kitesecret", "kitekey"):
        assert secret not in snapshot
        assert secret not in repr(loaded)
        assert secret not in str(rows)
    shown = {row.key: row for row in rows}
    assert shown["perplexity.api_keys"][1:] == ("2 keys set", "env")
    assert shown["kite.api_key"][1:] == ("set", "env")
    assert shown["kite.api_secret"][1:] == ("set", "file")


@pytest.mark.parametrize("key", ["a b", "schlüssel", "a\tb", "a\x00b"])
def test_a_key_that_cannot_be_one_is_refused_unseen(home: Path, key: str) -> None:
    load({}, home=home)
    with pytest.raises(ConfigurationError, match=r"perplexity\.api_keys") as caught:
        load({"PERPLEXITY_API_KEYS": f"good,{key}"}, home=home)
    assert key not in str(caught.value)
    assert "good" not in str(caught.value)


SECRETS_IN_WRONG_PLACES = [
    f"{KEY} = 1",
    f"provider = '{KEY}'",
    f"[perplexity]\nbase_url = '{KEY}'",
    f"[perplexity]\nbase_url = 'https://user:{KEY}@host/'",
    f"[perplexity]\ndialect = '{KEY}'",
    f"[perplexity]\napi_key = '{KEY}'",
    f"[perplexity]\napi_keys = [['{KEY}']]",
    f"[perplexity]\napi_keys = {{a = '{KEY}'}}",
    f"[perplexity]\nmodel = ['{KEY}']",
    f"[scheduler]\nconcurrency = '{KEY}'",
    f"[kite]\napi_secret = ['{KEY}']",
    f"perplexity = '{KEY}'",
    f"provider = '{KEY}",
    f"[sandbox]\nfault = ['{KEY}']",
]


@pytest.mark.parametrize("text", SECRETS_IN_WRONG_PLACES)
def test_a_secret_in_the_wrong_place_is_not_shown(home: Path, text: str) -> None:
    write(home, text)
    message, remedy = refused(home)
    assert KEY[5:] not in message + remedy


@pytest.mark.parametrize(
    "name", ["ROBOTRADER_PROVIDER", "ROBOTRADER_PERPLEXITY__DIALECT", "ROBOTRADER_SCHEDULER__CONCURRENCY"]
)
def test_a_secret_in_the_wrong_variable_is_not_shown(home: Path, name: str) -> None:
    message, remedy = refused(home, {name: KEY})
    assert KEY[5:] not in message + remedy
    assert name in message


# What is refused


@pytest.mark.parametrize(
    ("text", "named", "nearest"),
    [
        ("[perplexity]\nbse_url = 'x'", "perplexity.bse_url", "perplexity.base_url"),
        ("[perplexty]", "perplexty", "perplexity"),
        ("base_url = 'x'", "base_url", "perplexity.base_url"),
        ("concurency = 3", "concurency", "scheduler.concurrency"),
        ("[schedules.earning]", "schedules.earning", "schedules.earnings"),
        ("[schedules.earnings]\nfresh_hour = 1", "schedules.earnings.fresh_hour", "schedules.earnings.fresh_hours"),
        ("home = '/tmp'", "home", ""),
        ("zzzzqqqq = 1", "zzzzqqqq", ""),
    ],
)
def test_an_unknown_key_names_the_nearest(home: Path, text: str, named: str, nearest: str) -> None:
    write(home, text)
    message, remedy = refused(home)
    assert message == f"{named} in {home / 'config.toml'} is not a setting"
    if nearest:
        assert remedy == f"did you mean {nearest}?"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("ROBOTRADER_SCHEDULER__LEASE_SECOND", "ROBOTRADER_SCHEDULER__LEASE_SECONDS"),
        ("ROBOTRADER_PERPLEXITY_BASE_URL", "ROBOTRADER_PERPLEXITY__BASE_URL"),
        ("ROBOTRADER_HOME_", "ROBOTRADER_HOME"),
        ("ROBOTRADER_Provider", "ROBOTRADER_PROVIDER"),
        ("ROBOTRADER_", ""),
        ("ROBOTRADER_PERPLEXITY", ""),
    ],
)
def test_an_unknown_variable_names_the_nearest(home: Path, name: str, nearest: str) -> None:
    message, remedy = refused(home, {name: "x"})
    assert message == f"the environment sets {name}, which is not a setting"
    if nearest:
        assert remedy == f"did you mean {nearest}?"


def test_an_unknown_option_names_the_nearest(home: Path) -> None:
    assert refused(home, sandbox={"falt": "x"}) == (
        "sandbox.falt in the options is not a setting",
        "did you mean sandbox.fault?",
    )


WRONG = [
    ("scheduler.concurrency", "900", "at most 500 is needed, not 900"),
    ("scheduler.concurrency", "0", "at least 1 is needed, not 0"),
    ("scheduler.concurrency", "1.5", "a whole number is needed, not 1.5"),
    ("scheduler.concurrency", "true", "a number is needed, not true"),
    ("scheduler.concurrency", "'many'", "a whole number is needed, not 'many'"),
    ("scheduler.concurrency", "[1]", "a whole number is needed"),
    ("scheduler.lease_seconds", "inf", "a finite number is needed, not Infinity"),
    ("scheduler.lease_seconds", "nan", "a finite number is needed, not NaN"),
    ("scheduler.lease_seconds", "'none'", "a number is needed, not 'none'"),
    ("perplexity.read_timeout_seconds", "0", "more than 0 is needed, not 0"),
    ("budget.daily_usd", "-1", "at least 0 is needed, not -1"),
    ("budget.daily_usd", "'nothing'", "a number is needed, not 'nothing'"),
    ("budget.daily_usd", "false", "a number is needed, not false"),
    ("budget.daily_usd", "inf", "a finite number is needed, not Infinity"),
    ("budget.reserve_usd", "'none'", "a number is needed, not 'none'"),
    ("provider", "'perplexty'", "auto, sandbox or perplexity is needed, not 'perplexty'"),
    ("provider", "5", "auto, sandbox or perplexity is needed, not 5"),
    ("database.synchronous", "'full'", "FULL or NORMAL is needed, not 'full'"),
    ("schedules.earnings.enabled", "'maybe'", "true or false is needed, not 'maybe'"),
    ("perplexity.model", "5", "text is needed, not 5"),
    ("perplexity.api_keys", "5", "a list of texts is needed"),
    ("perplexity.api_keys", "[5]", "text is needed"),
    *(
        ("perplexity.base_url", json.dumps(url), "an address such as https://host/path is needed")
        for url in (
            "", "ftp://x", "https://", "x", "http://a b", "https://x?q=1", "https://x#y", "http://x:99999", "http://[::1",
            "https:/x", "http://x/\x7f", "http://:80",
        )
    ),
    ("kite.stream_url", "'https://host'", "an address such as wss://host/path is needed"),
    ("kite.stream_url", "'ws:///path'", "an address such as wss://host/path is needed"),
    ("kite.base_url", "'https://user@host'", "an address without user and password is needed"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "problem"), WRONG)
def test_a_wrong_value_is_named_with_its_place(home: Path, key: str, value: str, problem: str) -> None:
    section, _, name = key.rpartition(".")
    write(home, f"[{section}]\n{name} = {value}" if section else f"{name} = {value}")
    message, _ = refused(home)
    assert message.startswith(f"{key} in {home / 'config.toml'}: {problem}")


@pytest.mark.parametrize(
    ("value", "problem"), [("many", "a whole number is needed, not 'many'"), ("0", "at least 1 is needed, not '0'")]
)
def test_a_wrong_variable_is_named(home: Path, value: str, problem: str) -> None:
    message, _ = refused(home, {"ROBOTRADER_SCHEDULER__CONCURRENCY": value})
    assert message == f"scheduler.concurrency in ROBOTRADER_SCHEDULER__CONCURRENCY: {problem}"


def test_a_wrong_option_is_named(home: Path) -> None:
    message, _ = refused(home, {"ROBOTRADER_SCHEDULER__CONCURRENCY": "5"}, scheduler={"concurrency": 0})
    assert message == "scheduler.concurrency in the options: at least 1 is needed, not 0"


def test_several_problems_are_counted(home: Path) -> None:
    write(home, "[scheduler]\nconcurrency = 0\nlease_seconds = 0\nstop_grace_seconds = -1")
    assert refused(home)[0].endswith("(and 2 more)")


def test_a_section_is_a_table(home: Path) -> None:
    write(home, "perplexity = 3")
    assert refused(home) == (f"perplexity in {home / 'config.toml'}: a table is needed", "write [perplexity]")
    write(home, "[[perplexity]]")
    assert "a table is needed" in refused(home)[0]
    write(home, "[provider]\nname = 'x'")
    assert "auto, sandbox or perplexity is needed" in refused(home)[0]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"provider = ", "not valid TOML: Invalid value (at the end, line 1)"),
        (b"\n\nprovider = sandbox\n", "line 3"),
        (b"x = [\n1,\n", "line 3"),
        (b"provider = 'a'\nprovider = 'b'\n", "line 2"),
        (b"a = '\xff'", "not UTF-8 (at byte 6)"),
        (b"\xff\xfep\x00", "not UTF-8 (at byte 1)"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"9" * 10_000, "not valid TOML"),
    ],
)
def test_a_file_that_is_not_toml(home: Path, content: bytes, told: str) -> None:
    (home / "config.toml").write_bytes(content)
    message, _ = refused(home)
    assert message.startswith(str(home / "config.toml"))
    assert told in message


def test_a_file_that_cannot_be_read(home: Path) -> None:
    (home / "config.toml").mkdir()
    assert "config.toml cannot be read: is a directory" in refused(home)[0]
    (home / "file").write_text("")
    with pytest.raises(ConfigurationError, match="not a directory"):
        load({}, home=home / "file")
    loop = home / "loop"
    loop.mkdir()
    (loop / "config.toml").symlink_to(loop / "config.toml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load({}, home=loop)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_file_without_permission(home: Path) -> None:
    write(home, "")
    (home / "config.toml").chmod(0)
    assert "permission denied" in refused(home)[0]


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
def test_any_file_is_read_or_refused(home: Path, content: bytes) -> None:
    (home / "config.toml").write_bytes(content)
    try:
        load({}, home=home)
    except ConfigurationError as error:
        assert "\n" not in str(error)  # noqa: PT017


values = (
    st.none()
    | st.booleans()
    | st.integers(-5, 1000)
    | st.floats()
    | st.text(max_size=8)
    | st.lists(st.text(max_size=3))
)
some_leaf = st.sampled_from([key for key, _, _ in leaves(Settings(Path()))])


@given(st.dictionaries(some_leaf, values, max_size=4))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
def test_any_option_is_taken_or_refused(home: Path, chosen: dict[str, Any]) -> None:
    nested: dict[str, Any] = {}
    for key, value in chosen.items():
        *sections, name = key.split(".")
        node = nested
        for section in sections:
            node = node.setdefault(section, {})
        node[name] = value
    try:
        loaded = load({}, home=home, overrides=nested)
    except ConfigurationError as error:
        assert any(key in str(error) for key in chosen)  # noqa: PT017
    else:
        assert load({}, home=home, overrides=nested) == loaded


# What is shown


def test_every_setting_is_shown_with_its_origin(home: Path) -> None:
    write(
        home,
        "[budget]\ndaily_usd = 'none'\n[scheduler]\nconcurrency = 3\nlease_seconds = 4\n"
        "[schedules.earnings]\nenabled = true",
    )
    environ = {"ROBOTRADER_SCHEDULER__CONCURRENCY": "5", "PERPLEXITY_API_KEY": "k", "ROBOTRADER_HOME": "elsewhere"}
    rows = describe(environ, home=home, overrides={"sandbox": {"fault": "429"}})
    shown = {row.key: (row.value, row.origin) for row in rows}
    assert [row.key for row in rows] == ["home", *(key for key, _, _ in leaves(Settings(home)))]
    assert shown["home"] == (str(home), "option")
    assert shown["budget.daily_usd"] == ("none", "file")
    assert shown["budget.reserve_usd"] == ("0.02", "default")
    assert shown["scheduler.concurrency"] == ("5", "env")
    assert shown["scheduler.lease_seconds"] == ("4.0", "file")
    assert shown["schedules.earnings.enabled"] == ("true", "file")
    assert shown["sandbox.fault"] == ("429", "option")
    assert shown["perplexity.api_keys"] == ("1 key set", "env")
    assert shown["kite.api_key"] == ("not set", "default")
    assert {row.key: row.origin for row in describe({"ROBOTRADER_HOME": str(home)})}["home"] == "env"


def test_describing_a_wrong_file_is_refused(home: Path) -> None:
    write(home, "x = 1")
    with pytest.raises(ConfigurationError):
        describe({}, home=home)


def uncommented() -> str:
    return re.sub(r"^#(?! )", "", template(), flags=re.MULTILINE)


def test_the_template_sets_nothing(home: Path) -> None:
    write(home, template())
    assert twice(home) == Settings(home)
    assert {row.origin for row in describe({}, home=home)[1:]} == {"default"}


def test_the_template_uncommented_says_the_defaults(home: Path) -> None:
    write(home, uncommented())
    assert twice(home) == Settings(home)
    origins = {row.key: row.origin for row in describe({}, home=home)[1:]}
    assert {key for key, origin in origins.items() if origin != "file"} == {
        key for key, value, secret in leaves(Settings(home)) if secret
    }


def test_the_template_explains_every_key() -> None:
    lines = template().splitlines()
    keys = [index for index, line in enumerate(lines) if re.match(r"#\w+ = ", line)]
    assert len(keys) == len(list(leaves(Settings(Path()))))
    for index in keys:
        assert re.match(r"# \S.*\.$", lines[index - 1]), lines[index]
    assert max(map(len, lines)) <= 120


# The tree


def test_secrets_are_known_by_their_fields() -> None:
    assert [key for key, _, secret in leaves(Settings(Path())) if secret] == [
        "perplexity.api_keys",
        "kite.api_key",
        "kite.api_secret",
    ]


def test_a_program_without_its_source_files_is_known_too(home: Path) -> None:
    assert settings_input._state(home / "missing.py") == (0, 0)


def test_variables_are_unambiguous() -> None:
    names = [variable(key) for key, _, _ in leaves(Settings(Path()))]
    assert len(set(names)) == len(names)
    assert variable("perplexity.base_url") == "ROBOTRADER_PERPLEXITY__BASE_URL"


def test_changing_leaves() -> None:
    tree = Settings(Path())
    assert changed(tree, {}) is tree
    other = changed(tree, {"scheduler.concurrency": 3, "schedules.earnings.enabled": False, "provider": "sandbox"})
    assert other.scheduler == replace(tree.scheduler, concurrency=3)
    assert other.schedules.earnings.enabled is False
    assert other.budget is tree.budget
    assert {each.name for each in fields(other)} == {each.name for each in fields(tree)}


# Values by symbol

FOR = "schedules.news.fresh_hours_for"
FOR_VARIABLE = variable(FOR)


@pytest.mark.parametrize(
    ("text", "environ", "expected"),
    [
        ("[schedules.news]\nfresh_hours_for = { SBIN = 6, 'M&M' = 7.5 }", "", {"SBIN": 6.0, "M&M": 7.5}),
        ("[schedules.news.fresh_hours_for]\n'BSE:SBIN' = 1\n'NSE:TCS' = 2", "", {"BSE:SBIN": 1.0, "TCS": 2.0}),
        ("[schedules.news]\nfresh_hours_for = 'SBIN=6'", "", {"SBIN": 6.0}),
        ("", "SBIN=6, M&M = 12", {"SBIN": 6.0, "M&M": 12.0}),
        ("", '{"NSE:SBIN": 6, "BSE:TCS": "2.5"}', {"SBIN": 6.0, "BSE:TCS": 2.5}),
        ("[schedules.news.fresh_hours_for]\nSBIN = 6", "TCS=3", {"TCS": 3.0}),
        ("[schedules.news.fresh_hours_for]\nSBIN = 6", "{}", {}),
        ("[schedules.news.fresh_hours_for]\nSBIN = 6", " ", {"SBIN": 6.0}),
        ("[schedules.news.fresh_hours_for]", "", {}),
    ],
)
def test_values_by_symbol(home: Path, text: str, environ: str, expected: Mapping[str, float]) -> None:
    write(home, text)
    given = {FOR_VARIABLE: environ} if environ else {}
    loaded = twice(home, given)
    assert loaded.schedules.news.fresh_hours_for == expected
    assert all(isinstance(value, float) for value in loaded.schedules.news.fresh_hours_for.values())
    assert loaded.schedules.earnings.fresh_hours_for == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{ sbin = 6 }", "not a trading symbol: 'sbin' (did you mean SBIN?)"),
        ("{ SBIN = -1 }", "SBIN: at least 0 is needed, not -1"),
        ("{ SBIN = 100001 }", "SBIN: at most 100000 is needed, not 100001"),
        ("{ SBIN = nan }", "SBIN: a finite number is needed, not NaN"),
        ("{ SBIN = 'x' }", "SBIN: a number is needed, not 'x'"),
        ("{ SBIN = true }", "SBIN: a number is needed, not true"),
        ("{ SBIN = { A = 1 } }", "SBIN: a number is needed"),
        ("{ SBIN = 1, 'NSE:SBIN' = 2 }", "SBIN is named twice"),
        ("6", "a table is needed, not 6"),
        ("[6]", "a table is needed"),
        ("''", "SYMBOL=NUMBER is needed"),
        ("'SBIN'", "SYMBOL=NUMBER is needed"),
        ("'SBIN=6,'", "SYMBOL=NUMBER is needed"),
        ("'{'", "SYMBOL=NUMBER is needed"),
        ("'" + '{"A":' * 9999 + "'", "SYMBOL=NUMBER is needed"),
        ("""'{"SBIN": 1, "SBIN": 2}'""", "SBIN is named twice"),
        (f"{{ '{KEY}' = 1 }}", "not a trading symbol: 'pplx-...'"),
    ],
)
def test_a_wrong_value_by_symbol_is_named(home: Path, text: str, problem: str) -> None:
    write(home, f"[schedules.news]\nfresh_hours_for = {text}")
    message, _ = refused(home)
    assert message.startswith(f"{FOR} in {home / 'config.toml'}: {problem}")
    assert KEY[5:] not in message


def test_a_wrong_variable_by_symbol_is_named(home: Path) -> None:
    message, _ = refused(home, {FOR_VARIABLE: "SBIN=soon"})
    assert message == f"{FOR} in {FOR_VARIABLE}: SBIN: a number is needed, not 'soon'"
    assert "is not a setting" in refused(home, {f"{FOR_VARIABLE}__SBIN": "6"})[0]


def test_values_by_symbol_are_shown_as_they_are_set(home: Path) -> None:
    write(home, "[schedules.news.fresh_hours_for]\nSBIN = 6\n'M&M' = 7.5")
    shown = {row.key: row[1:] for row in describe({}, home=home)}
    assert shown[FOR] == ("SBIN=6, M&M=7.5", "file")
    assert shown["schedules.earnings.fresh_hours_for"] == ("none", "default")
    assert load({FOR_VARIABLE: shown[FOR][0]}, home=home).schedules.news.fresh_hours_for == {"SBIN": 6.0, "M&M": 7.5}


def test_values_by_symbol_cannot_be_changed(home: Path) -> None:
    write(home, "[schedules.news.fresh_hours_for]\nSBIN = 6")
    for loaded in (load({}, home=home), load({}, home=home), Settings(home)):
        with pytest.raises(TypeError):
            loaded.schedules.news.fresh_hours_for["SBIN"] = 1.0  # type: ignore[index]
        assert hash(loaded) == hash(replace(loaded))


def test_values_by_symbol_as_toml(home: Path) -> None:
    text = as_toml({"SBIN": 6.0, "M&M": 7.5})
    assert text == '{ "SBIN" = 6.0, "M&M" = 7.5 }'
    write(home, f"[schedules.news]\nfresh_hours_for = {text}")
    assert load({}, home=home).schedules.news.fresh_hours_for == {"SBIN": 6.0, "M&M": 7.5}
    assert as_toml({}) == "{}"
