"""The grader's end of the connection to an agent: messages in pieces, and what is none."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from autograder.sandbox.agent_channel import MAX_TEXT_BYTES, AgentChannel, MalformedMessage
from autograder.sandbox.inside.channel import HEADER, REPLY, REQUEST, Message

ID = bytes(range(16))


@pytest.fixture
def ends() -> Iterator[tuple[AgentChannel, socket.socket]]:
    """The grader's end, and the socket of the agent."""
    ours, agents = socket.socketpair()
    with ours, agents:
        yield AgentChannel(ours), agents


def transferred(channel: AgentChannel, times: int = 1) -> list[Message]:
    """What comes of so many transfers."""
    return [message for _ in range(times) for message in channel.transfer()]


def test_messages_come_whole_in_whatever_pieces(ends: tuple[AgentChannel, socket.socket]) -> None:
    """None before its last byte, and several at once."""
    channel, agents = ends
    data = Message(REPLY, ID, "first").packed() + Message(REPLY, ID, "").packed()
    for byte in data[:-1]:
        agents.send(bytes([byte]))
    found = transferred(channel)
    agents.send(data[-1:])
    found += transferred(channel)
    assert [message.text for message in found] == ["first", ""]


def test_large_message_goes_out_as_it_is_read(ends: tuple[AgentChannel, socket.socket]) -> None:
    """Sending never waits: what the connection does not take is sent later."""
    channel, agents = ends
    message = Message(REQUEST, ID, "x" * 3_000_000)
    channel.send(message)
    assert channel.has_unsent
    read = bytearray()
    agents.setblocking(False)
    while channel.has_unsent:
        read += agents.recv(1 << 20)
        assert transferred(channel) == []
    agents.setblocking(True)
    while len(read) < len(message.packed()):
        read += agents.recv(1 << 20)
    assert bytes(read) == message.packed()


@pytest.mark.parametrize("size", [MAX_TEXT_BYTES + 1, 2**32 - 1])
def test_message_that_is_too_long_is_refused_by_its_length(
    ends: tuple[AgentChannel, socket.socket], size: int
) -> None:
    """Before any of it is read."""
    channel, agents = ends
    agents.sendall(HEADER.pack(REPLY, False, ID, size))
    with pytest.raises(MalformedMessage):
        channel.transfer()


def test_end_of_the_connection_is_an_error(ends: tuple[AgentChannel, socket.socket]) -> None:
    """Also of one whose last message was cut off."""
    channel, agents = ends
    agents.sendall(Message(REPLY, ID, "cut").packed()[:-1])
    agents.close()
    assert transferred(channel) == []
    with pytest.raises(OSError, match=r"^$|closed|reset"):
        channel.transfer()


@pytest.mark.parametrize("text", ["한국어", "\ud800", "a\x00b", ""])
def test_every_source_can_be_sent(ends: tuple[AgentChannel, socket.socket], text: str) -> None:
    """Half a character included, which a notebook may hold."""
    channel, agents = ends
    channel.send(Message(REQUEST, ID, text, converses=True))
    kind, converses, number, size = HEADER.unpack(agents.recv(HEADER.size))
    assert (kind, converses, number) == (REQUEST, True, ID)
    assert (agents.recv(size) if size else b"").decode("utf-8", "surrogatepass") == text
