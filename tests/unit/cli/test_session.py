"""``login``, ``logout`` and ``session status``, whole commands over the double of Kite."""

from __future__ import annotations

import asyncio
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from robotrader.cli.app import execute
from robotrader.cli.run import Session
from robotrader.settings import KiteSettings, Settings
from tests.support.kite_shapes import ACCESS_TOKEN, API_KEY, API_SECRET, USER_ID

TOKEN = "requesttoken1"
HIDDEN = (ACCESS_TOKEN, API_SECRET, TOKEN)


@dataclass
class Result:
    code: int
    out: str
    err: str


class Shell:
    def __init__(self, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings, self._capsys = settings, capsys

    def __call__(self, *words: str) -> Result:
        code = execute(list(words), Session(load=lambda *_: self.settings))
        shown = self._capsys.readouterr()
        for secret in HIDDEN:
            assert secret not in shown.out + shown.err
        return Result(code, shown.out, shown.err)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    words = [sys.executable, "-m", "tests.support.kite_server", "--folder", str(tmp_path / "kite")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.kill()


@pytest.fixture
def shell(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(Settings(tmp_path / "home", kite=KiteSettings(url, API_KEY, API_SECRET)), capsys)


def test_from_the_page_to_the_end_of_the_session(shell: Shell) -> None:
    page = shell("login", "--json")
    assert json.loads(page.out)["address"].startswith("https://kite.zerodha.com/connect/login?v=3&api_key=")
    redirect = f"http://127.0.0.1:5010/?action=login&status=success&request_token={TOKEN}"
    done = shell("login", "--token", redirect)
    assert (done.code, done.out.split(" until ")[0]) == (0, f"logged in as {USER_ID}")
    assert "06:00 IST" in done.out
    status = json.loads(shell("session", "status", "--json").out)
    assert (status["state"], status["user_id"]) == ("open", USER_ID)
    assert shell("logout").out == "logged out\n"
    after = shell("session", "status")
    assert after.code == 0
    assert "logged out" in after.out
    assert "robotrader login" in after.out


def test_a_token_that_kite_refuses(shell: Shell) -> None:
    found = shell("login", "--token", "wrongtoken12345")
    assert (found.code, found.out) == (4, "")
    assert "kite refused the login" in found.err


def test_a_token_from_stdin(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{TOKEN}\n"))
    assert json.loads(shell("login", "--token", "-", "--json").out)["state"] == "open"


def test_on_a_terminal_the_address_is_asked_for(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(f"https://x.example/?request_token={TOKEN}\n"))
    found = shell("login")
    assert "kite.zerodha.com" in found.err
    assert found.out.startswith("logged in")
    monkeypatch.setattr("sys.stdin", Terminal(""))
    assert shell("login").code == 2


@pytest.mark.parametrize("words", [("login", "--token", "x y"), ("login", "--token", "a", "--listen")])
def test_what_cannot_be_meant(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell(*words).code == 2


def test_without_an_app(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shell = Shell(Settings(tmp_path), capsys)
    assert shell("login").code == 3
    assert shell("logout").out == "there was no session\n"
    found = shell("session", "status")
    assert (found.code, "KITE_API_KEY" in found.out) == (0, True)
    assert json.loads(shell("session", "status", "--json").out)["state"] == "none"


async def test_listening(url: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    env = {
        "ROBOTRADER_HOME": str(home), "ROBOTRADER_KITE__BASE_URL": url, "KITE_API_KEY": API_KEY,
        "KITE_API_SECRET": API_SECRET, "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "robotrader", "login", "--listen", "--port", "0", "--json",
        env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    said = ""
    while "redirect_params" not in said:
        said += (await process.stderr.readline()).decode()
    port = re.search(r"127\.0\.0\.1:(\d+)/", said)
    state = re.search(r"state%3D([\w-]+)", said)
    assert port is not None
    assert state is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port[1]))
    writer.write(f"GET /?request_token={TOKEN}&status=success&state={state[1]} HTTP/1.1\r\n\r\n".encode())
    assert b" 200 " in await reader.read()
    writer.close()
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert json.loads(out)["state"] == "open"
