"""A pytest plugin: the fixture `charter` judges the responses of `requests` and `httpx`.

The contract is the option `charter_contract` in the settings of pytest, or `--charter-contract`.
"""

from __future__ import annotations

import pytest

from . import Contract


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("charter_contract", "folder of the contract, or its OpenAPI document", default="")
    parser.getgroup("charter").addoption("--charter-contract", help="folder of the contract, or its OpenAPI document")


@pytest.fixture(scope="session")
def charter(pytestconfig: pytest.Config) -> Contract:
    """The contract. `charter.assert_kept(response)` fails with the violations of a response."""
    path = pytestconfig.getoption("--charter-contract")
    if not path and pytestconfig.getini("charter_contract"):
        path = str(pytestconfig.rootpath / pytestconfig.getini("charter_contract"))
    if not path:
        raise pytest.UsageError("no contract: set charter_contract in the settings of pytest, or give --charter-contract")
    return Contract(path)
