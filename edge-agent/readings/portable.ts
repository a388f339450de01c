import type si from 'systeminformation'

/** The library for systems other than Linux. It is loaded where it is used: its source alone takes 1 MB of memory. */
export async function portable(): Promise<typeof si> {
  return (await import('systeminformation')).default
}
