"""The line between a commune and the centre: packets pass between TUN devices, and are delayed and lost on the way.

Usage: commune_line.py SITE CENTRE STRANGER SEED, the names of the devices that it makes. It prints "ready", and follows commands:

    delay MS             of each packet, one way
    loss PERCENT         of the packets
    to centre|stranger|nobody   whom the site reaches

Each is answered by the number of packets that were lost so far. It ends with its standard input.
"""

import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001
MAX_PACKET = 65536
# Packets on the way, at most; beyond, they are lost.
MAX_ON_THE_WAY = 10_000


def open_tun(name):
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN_NO_PI))
    return tun


def main():
    site, centre, stranger = (open_tun(name) for name in sys.argv[1:4])
    far = {"centre": centre, "stranger": stranger, "nobody": None}
    chance = random.Random(int(sys.argv[4]))
    to, delay, loss, lost, count = "centre", 0.0, 0.0, 0, 0
    on_the_way = []
    commands = b""
    print("ready", flush=True)
    while True:
        wait = max(0.0, on_the_way[0][0] - time.monotonic()) if on_the_way else None
        readable, _, _ = select.select([0, site, centre, stranger], [], [], wait)
        for source in readable:
            if source == 0:
                chunk = os.read(0, 4096)
                if not chunk:
                    return
                commands += chunk
                continue
            packet = os.read(source, MAX_PACKET)
            target = far[to] if source == site else site if source == far[to] else None
            if target is None or chance.random() * 100 < loss or len(on_the_way) >= MAX_ON_THE_WAY:
                lost += 1
                continue
            count += 1
            heapq.heappush(on_the_way, (time.monotonic() + delay, count, target, packet))
        while b"\n" in commands:
            line, commands = commands.split(b"\n", 1)
            word, value = line.decode().split()
            if word == "to":
                to = value
            elif word == "delay":
                delay = float(value) / 1000
            elif word == "loss":
                loss = float(value)
            print(lost, flush=True)
        while on_the_way and on_the_way[0][0] <= time.monotonic():
            _, _, target, packet = heapq.heappop(on_the_way)
            try:
                os.write(target, packet)
            except OSError:
                lost += 1


main()
