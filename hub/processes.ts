/** The processes of one machine, in the order in which they start. Each is a `main.ts` that can also run by itself. */
export const processes = [
  { name: 'storage', main: 'storage/main.ts', gives: 'the embedded store' },
  { name: 'broker', main: 'broker/main.ts', gives: 'MQTT' },
  { name: 'stream-processor', main: 'stream-processor/main.ts', gives: 'indicators' },
  { name: 'wall', main: 'wall/server/main.ts', gives: 'pages, API, live' },
  { name: 'edge-agent', main: 'edge-agent/main.ts', gives: "this machine's own metrics" },
] as const

export type ProcessName = (typeof processes)[number]['name']
