"""A Modbus server of pymodbus for tests: tcp PORT, or rtu PATH. Slave 1 answers, slave 2 is silent."""

import asyncio
import logging
import struct
import sys

from pymodbus import FramerType
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice


def registers(fmt: str, value: float, order: str) -> list[int]:
    """The registers of a value, whose big-endian bytes are ABCD."""
    data = struct.pack(">" + fmt, value)
    words = [data[at : at + 2] for at in range(0, len(data), 2)]
    if order in ("CDAB", "DCBA"):
        words.reverse()
    if order in ("BADC", "DCBA"):
        words = [word[::-1] for word in words]
    return [int.from_bytes(word, "big") for word in words]


holding = [2304, 65436, 5, 0]
for fmt, value, order in (
    ("f", 23.5, "CDAB"),
    ("f", 23.5, "ABCD"),
    ("f", 23.5, "BADC"),
    ("f", 23.5, "DCBA"),
    ("d", -0.25, "CDAB"),
    ("Q", 2**60 + 1, "ABCD"),
    ("i", -70000, "DCBA"),
):
    holding += registers(fmt, value, order)
bits = [SimData(0, values=[False, True, False, True] + [False] * 12, datatype=DataType.BITS)]
context = SimDevice(
    0,
    (
        bits,
        bits,
        # A gap of illegal addresses, and one register beyond it.
        [
            SimData(0, values=holding, datatype=DataType.REGISTERS),
            SimData(len(holding), count=60 - len(holding), datatype=DataType.INVALID),
            SimData(60, values=[7], datatype=DataType.REGISTERS),
        ],
        [SimData(0, values=[42], datatype=DataType.REGISTERS)],
    ),
)

mode, where = sys.argv[1:]


def silent(sending: bool, packet: bytes) -> bytes:
    """Drops the answers of slave 2, whose address is before the function code."""
    return b"" if sending and packet[6 if mode == "tcp" else 0] == 2 else packet


logging.disable()
if mode == "rtu":
    server = StartAsyncSerialServer(context, port=where, framer=FramerType.RTU, baudrate=9600, trace_packet=silent)
else:
    framer = FramerType.SOCKET if mode == "tcp" else FramerType.RTU
    server = StartAsyncTcpServer(context, address=("127.0.0.1", int(where)), framer=framer, trace_packet=silent)
asyncio.run(server)
