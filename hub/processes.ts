export interface ProcessOnDisk {
  readonly name: string
  readonly main: string
  readonly gives: string
  /** Flags of Node. */
  readonly flags?: readonly string[]
  /** Variables that it begins with, where they are not set. */
  readonly environment?: Readonly<Record<string, string>>
  /** An argument with which it only warms the compile cache up, and ends. */
  readonly warmUp?: string
}

/** The processes of one machine, in the order in which they start. Each is a `main.ts` that can also run by itself. */
export const processes = [
  {
    name: 'storage',
    main: 'storage/main.ts',
    gives: 'the embedded store',
    // What is written is garbage at once: a large young generation would only keep more of it.
    flags: ['--max-semi-space-size=8'],
    // The C library gives back at once what bodies and batches took, from 64 KiB on, and does not keep room apart for each
    // thread; the engine's allocator gives back what nothing used for a tenth of a second, in place of two.
    environment: {
      MALLOC_MMAP_THRESHOLD_: '65536',
      MALLOC_ARENA_MAX: '2',
      DUCKDB_JE_MALLOC_CONF: 'dirty_decay_ms:100,muzzy_decay_ms:0',
    },
  },
  { name: 'broker', main: 'broker/main.ts', gives: 'MQTT' },
  { name: 'stream-processor', main: 'stream-processor/main.ts', gives: 'indicators' },
  { name: 'wall', main: 'wall/server/main.ts', gives: 'pages, API, live' },
  // Started once to fill the compile cache, and then with a small young generation: what keeps an agent under 80 MB.
  {
    name: 'edge-agent',
    main: 'edge-agent/main.ts',
    gives: "this machine's own metrics",
    flags: ['--max-semi-space-size=1'],
    warmUp: '--warm-up',
  },
] as const satisfies readonly ProcessOnDisk[]
