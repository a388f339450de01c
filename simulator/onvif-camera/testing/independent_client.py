"""Talks to a camera with an independent ONVIF client, and prints what it learned as one line of JSON.

usage: independent_client.py PORT USERNAME PASSWORD
"""

import asyncio
import datetime as dt
import json
import sys

from onvif import ONVIFCamera


async def main(port: int, username: str, password: str) -> None:
    camera = ONVIFCamera("127.0.0.1", port, username, password, adjust_time=True)
    await camera.update_xaddrs()
    device = await camera.create_devicemgmt_service()
    media = await camera.create_media_service()
    ptz = await camera.create_ptz_service()
    recording = await camera.create_recording_service()
    information = await device.GetDeviceInformation()
    interfaces = await device.GetNetworkInterfaces()
    profiles = await media.GetProfiles()
    token = profiles[0].token
    stream = await media.GetStreamUri(
        {"StreamSetup": {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}, "ProfileToken": token}
    )
    picture = await camera.get_snapshot(token)
    presets = await ptz.GetPresets({"ProfileToken": token})
    await ptz.GotoPreset({"ProfileToken": token, "PresetToken": presets[0].token})
    status = await ptz.GetStatus({"ProfileToken": token})
    jobs = await recording.GetRecordingJobs()
    manager = await camera.create_pullpoint_manager(dt.timedelta(minutes=10), lambda: None)
    print("subscribed", flush=True)
    await manager.set_synchronization_point()
    pulled = await manager.get_service().PullMessages({"Timeout": dt.timedelta(seconds=20), "MessageLimit": 10})
    topics = [message.Topic._value_1 for message in pulled.NotificationMessage]
    await manager.shutdown()
    print(
        json.dumps(
            {
                "clock_offset_s": round(camera.dt_diff.total_seconds()),
                "serial": information.SerialNumber,
                "firmware": information.FirmwareVersion,
                "mac": interfaces[0].Info.HwAddress,
                "profiles": [profile.token for profile in profiles],
                "stream": stream.Uri,
                "jpeg": picture is not None and picture[:2] == b"\xff\xd8",
                "presets": [preset.token for preset in presets],
                "pan": status.Position.PanTilt.x,
                "moves": status.MoveStatus.PanTilt,
                "jobs": [job.JobToken for job in jobs],
                "topics": topics,
            }
        ),
        flush=True,
    )
    await camera.close()


asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
