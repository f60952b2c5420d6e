"""Attacks with the agent's connection, which student code can take."""

# ruff: noqa: E501 - a cell of an attack is easier to read as one text
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tests.hostile.attack import Attack

TAKEN = """
import gc, os, socket, struct, sys, threading, time
server = next(one for one in gc.get_objects() if type(one).__name__ == "AgentServer")
connection = server._connection
def frame(kind, number, text, size=None):
    data = text.encode()
    return struct.pack("!c?16sI", kind, False, number, len(data) if size is None else size) + data
"""
"""Takes the agent's connection, and knows how to write a message on it."""
_CODE: Mapping[str, str] = {
    "closes it": "os.close(connection.fileno())",
    "closes it for writing": "connection.shutdown(socket.SHUT_WR)",
    "closes it for reading": "connection.shutdown(socket.SHUT_RD)",
    "puts another file in its place": "os.dup2(os.open('/dev/null', os.O_RDWR), connection.fileno())",
    "lets nothing wait for it": "connection.setblocking(False)\nserver.listen = lambda: None",
    "writes noise": "connection.sendall(os.urandom(5_000))",
    "announces more than can be": "connection.sendall(frame(b'R', b'x' * 16, '', 2**32 - 1))",
    "announces as much as may be, and sends less": "connection.sendall(frame(b'R', b'x' * 16, 'less', 24_000_000))",
    "sends a part of a message": "connection.sendall(frame(b'R', server._answered.id, '{}', 500)[:9])",
    "sends a byte out of band": "connection.send(b'x', socket.MSG_OOB)",
    "sends messages for other requests": "for kind in (b'R', b'Q', b'r', b'c', b'a', b'?'):\n"
    "    connection.sendall(frame(kind, os.urandom(16), '{\"value\": 539}') * 1_000)",
    "sends messages without end": "def flood():\n    part = frame(b'R', b'x' * 16, '{\"value\": 539}') * 1_000\n"
    "    while True:\n        connection.sendall(part)\n"
    "threading.Thread(target=flood, daemon=True).start()\ntime.sleep(60)",
    "sends large messages without end": "part = frame(b'R', b'x' * 16, 'x' * 20_000_000)\n"
    "while True:\n    connection.sendall(part)",
    "writes between the lines": "def write():\n    for number in range(20_000):\n"
    "        connection.sendall(frame(b'R', b'x' * 16, 'x' * 70_000))\n"
    "threading.Thread(target=write, daemon=True).start()\ntime.sleep(0.2)",
    "reads what is not for it": "threading.Thread(target=lambda: [connection.recv(1 << 20) for _ in range(9)], daemon=True).start()",
    "asks, though nobody answers": "connection.sendall(frame(b'Q', server._answered.id, '{}') * 100)\nserver.ask('{}')",
    "ends its kernel in the middle of a message": "connection.sendall(frame(b'R', server._answered.id, '{}', 500))\n"
    "os._exit(0)",
}  # fmt: skip
WAYS: Mapping[str, str] = MappingProxyType(
    {
        name: "def attack(*given, **named):\n"
        + "".join(f"    {line}\n" for line in code.splitlines())
        + "    return 1"
        for name, code in _CODE.items()
    }
)
"""What can be done with the connection: cells that define `attack`."""
HANGING = (
    "lets nothing wait for it",
    "announces as much as may be, and sends less",
    "sends a part of a message",
    "reads what is not for it",
    "sends messages without end",
    "sends large messages without end",
    "writes between the lines",
)
"""Those that take a time limit each time, which is tried without a class."""
SENDING_AHEAD = """
real = server._send
def send(message):
    kind = type(message)
    for number in (os.urandom(16), message.id):
        for text in ('{"value": 539}', '{"value": null, "answers": []}'):
            real(kind(message.kind, number, text))
    real(message)
server._send = send
"""
IN_ITS_PLACE = """
listen, receive = server.listen, server._receive
def serve():
    while True:
        request = receive()
        server._send(type(request)(b"R", request.id, '{"value": 539}'))
server.listen = lambda: threading.Thread(target=serve, daemon=True).start()
"""
ATTACKS = (
    Attack("O71", "replies of its own ahead of the real ones, for the same request and for others",
        earns={"g1": 0.5, "g2": 1},  # an own wrong formula and what follows from it
        first=TAKEN + SENDING_AHEAD),
    Attack("O81", "another thread answers in the place of the agent", costly=True, earns={"g1": 0.5, "g2": 1},
        first=TAKEN + IN_ITS_PLACE),
    *(
        Attack(f"C{number:02}", f"{name}, when it is called", first=TAKEN + code, answers={"gru_params": "gru_params = attack"})
        for number, (name, code) in enumerate(WAYS.items(), 1)
        if name not in HANGING
    ),
)  # fmt: skip
