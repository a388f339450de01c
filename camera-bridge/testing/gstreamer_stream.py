"""Serves a test picture over RTSP with the server of GStreamer, and prints its port and then `ready`.

usage: gstreamer_stream.py [USERNAME PASSWORD]
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

Gst.init(None)
server = GstRtspServer.RTSPServer.new()
server.set_address("127.0.0.1")
server.set_service("0")
factory = GstRtspServer.RTSPMediaFactory.new()
factory.set_launch("( videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=180 ! jpegenc ! rtpjpegpay name=pay0 )")
sound = GstRtspServer.RTSPMediaFactory.new()
sound.set_launch("( audiotestsrc is-live=true ! rtpL16pay name=pay0 )")
if len(sys.argv) > 2:
    auth = GstRtspServer.RTSPAuth.new()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(sys.argv[1], sys.argv[2], token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    for permission in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("viewer", permission, True)
    factory.set_permissions(permissions)
    sound.set_permissions(permissions)
server.get_mount_points().add_factory("/live", factory)
server.get_mount_points().add_factory("/sound", sound)
server.attach(None)
# The first pipeline loads the plug-ins.
warm_up = Gst.parse_launch("videotestsrc num-buffers=1 ! jpegenc ! rtpjpegpay ! fakesink")
warm_up.set_state(Gst.State.PLAYING)
warm_up.get_bus().timed_pop_filtered(Gst.CLOCK_TIME_NONE, Gst.MessageType.EOS | Gst.MessageType.ERROR)
warm_up.set_state(Gst.State.NULL)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
