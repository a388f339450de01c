// A captive portal: answers whoever connects to the address with a page of its own, whatever was asked. Prints a line for each
// connection. Arguments: address, ports.
import { createServer } from 'node:net'

const [address, ...ports] = process.argv.slice(2)
const page = '<html><body>Vui lòng đăng nhập Wi-Fi</body></html>'
const answer = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${Buffer.byteLength(page)}\r\nConnection: close\r\n\r\n${page}`

for (const port of ports) {
  const server = createServer((socket) => {
    console.log(`connection to ${port}`)
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(answer))
  })
  server.listen(Number(port), address, () => console.log(`listening ${port}`))
}
