"""What a command that asks nobody must not load."""

import subprocess
import sys

import pytest

PACKAGE = "robotrader.core.background_scheduler.clients"
HEAVY = ("httpx", "httpcore", "aiohttp", "tenacity", "anyio", "pydantic")


@pytest.mark.parametrize("module", ["", ".breaker", ".key_ring", ".perplexity_dialects", ".judgement", ".payload"])
def test_the_pure_modules_are_light(module: str) -> None:
    code = f"import sys, {PACKAGE}{module}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_network_is_loaded_with_the_first_request() -> None:
    code = (
        f"import sys; import {PACKAGE}.perplexity_client; from {PACKAGE}.http_pool import make_pool;"
        " make_pool('https://api.perplexity.ai');"
        " print([name for name in ('aiohttp', 'httpcore', 'anyio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
