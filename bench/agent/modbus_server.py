"""A Modbus TCP server of pymodbus with so many holding registers: modbus_server.py PORT COUNT."""

import asyncio
import logging
import sys

from pymodbus.server import StartAsyncTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

port, count = map(int, sys.argv[1:])
logging.disable()
device = SimDevice(0, [SimData(0, values=[at % 1000 for at in range(count)], datatype=DataType.REGISTERS)])
asyncio.run(StartAsyncTcpServer(device, address=("127.0.0.1", port)))
