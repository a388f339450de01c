import { createServer, type Server, type Socket } from 'node:net'
import type { LoginGuard } from './login-guard.ts'
import type { CameraState } from './state.ts'

/** Longest request that is read, in bytes. */
const maxRequestBytes = 8_192

/** RTSP without a picture: `OPTIONS` and `DESCRIBE`, with the login of the camera. */
export function createStreamServer(
  login: LoginGuard,
  state: () => CameraState,
  now: () => number,
): { readonly server: Server; readonly sockets: ReadonlySet<Socket> } {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (text.length > maxRequestBytes) socket.destroy()
      for (;;) {
        const end = text.indexOf('\r\n\r\n')
        if (end < 0) return
        const request = text.slice(0, end)
        text = text.slice(end + 4)
        if (state().stream !== 'silent') socket.write(respond(request))
      }
    })
  })

  function respond(request: string): string {
    const [first = '', ...lines] = request.split('\r\n')
    const [method = '', uri = ''] = first.split(' ')
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
      }),
    ) as Record<string, string>
    const cseq = `CSeq: ${headers['cseq'] ?? '0'}\r\n`
    if (method === 'OPTIONS')
      return `RTSP/1.0 200 OK\r\n${cseq}Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n`
    if (method !== 'DESCRIBE') return `RTSP/1.0 405 Method Not Allowed\r\n${cseq}\r\n`
    if (!login.admitsHeader(headers['authorization'], method, now())) {
      const challenges = login.challenges().map((challenge) => `WWW-Authenticate: ${challenge}\r\n`)
      return `RTSP/1.0 401 Unauthorized\r\n${cseq}${challenges.join('')}\r\n`
    }
    if (state().stream === 'missing') return `RTSP/1.0 404 Not Found\r\n${cseq}\r\n`
    const sdp = `v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:${uri}\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=framerate:25\r\na=control:trackID=0\r\n`
    return `RTSP/1.0 200 OK\r\n${cseq}Content-Type: application/sdp\r\nContent-Length: ${Buffer.byteLength(sdp)}\r\n\r\n${sdp}`
  }

  return { server, sockets }
}
