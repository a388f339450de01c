"""Runs a camera of ipycam, an independent implementation of ONVIF, and prints `ready` once it answers.

usage: ipycam_camera.py ADDRESS PORT NAME [USERNAME PASSWORD]
"""

import select
import signal
import sys
import time

import numpy as np

# Under faketime the sleep of Python, which waits for a time and not for a duration, is an invalid argument.
time.sleep = lambda seconds: select.select([], [], [], max(0, seconds))

from ipycam import CameraConfig, IPCamera

address, port, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
username, password = (sys.argv[4], sys.argv[5]) if len(sys.argv) > 5 else ("", "")
width, height = 320, 180
camera = IPCamera(
    CameraConfig(
        name=name,
        serial_number=f"PY-{port}",
        local_ip=address,
        onvif_port=port,
        username=username,
        password=password,
        main_width=width,
        main_height=height,
        main_fps=5,
        sub_width=width,
        sub_height=height,
    )
)
noise = np.random.default_rng(1)
scene = np.tile(np.linspace(40, 200, width, dtype=np.float32), (height, 1))[:, :, None].repeat(3, axis=2)
camera.start()


def leave(*_):
    camera.stop()
    sys.exit(0)


# It says goodbye to the network, as a camera that is shut down in order.
signal.signal(signal.SIGTERM, leave)
print("ready", flush=True)
while True:
    camera.stream(np.clip(scene + noise.normal(0, 2, scene.shape), 0, 255).astype(np.uint8))
