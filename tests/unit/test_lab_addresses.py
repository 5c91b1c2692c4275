"""Blocks of loopback addresses: nobody gets what somebody else has."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from lab import addresses
from lab.addresses import SIP_PORT, NoAddressError, reserve


@pytest.fixture
def quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No port is taken, whatever else runs here."""
    monkeypatch.setattr(addresses, "_free", lambda _block: True)


@pytest.fixture
def far_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks that no lab uses, so that their real ports are free."""
    monkeypatch.setattr(addresses, "_LOWEST", 252)


@pytest.mark.usefixtures("quiet_machine")
def test_two_reservations_are_never_the_same_block(tmp_path: Path) -> None:
    first, second = reserve(tmp_path), reserve(tmp_path)
    assert first.number != second.number
    assert {first.pbx, first.phones, first.carrier(0)}.isdisjoint({second.pbx, second.phones, second.carrier(0)})


@pytest.mark.usefixtures("quiet_machine")
def test_a_released_block_can_be_taken_again(tmp_path: Path) -> None:
    first = reserve(tmp_path, highest=1)
    first.release()
    assert reserve(tmp_path, highest=1).number == first.number


@pytest.mark.usefixtures("quiet_machine")
def test_all_blocks_taken_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    for _ in range(2):
        reserve(tmp_path, highest=2)
    with pytest.raises(NoAddressError, match=r"all 2 blocks .*pbx lab status"):
        reserve(tmp_path, highest=2)


@pytest.mark.usefixtures("far_blocks")
@pytest.mark.parametrize("host", ["pbx", "phones"])
def test_a_block_where_somebody_listens_is_skipped_and_not_kept(tmp_path: Path, host: str) -> None:
    free = reserve(tmp_path, highest=253)
    free.release()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind((getattr(free, host), SIP_PORT))
        other = reserve(tmp_path, highest=253)
        assert other.number != free.number
        other.release()
    assert reserve(tmp_path, highest=253).number == free.number


def test_no_two_hosts_of_a_block_share_an_address() -> None:
    block = addresses.Block(7, -1)
    hosts = [block.pbx, block.phones, *(block.carrier(index) for index in range(200))]
    assert len(set(hosts)) == len(hosts)
    for host in hosts:
        socket.inet_aton(host)
