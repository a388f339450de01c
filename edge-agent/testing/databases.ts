import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { onTestFinished } from 'vitest'
import { listening, startPeer, stopPeer } from './peers.ts'

const postgresRoot = '/usr/lib/postgresql'

/** The folder of Debian's PostgreSQL, of whichever version; a path that does not exist where there is none. */
export const postgresBin = existsSync(postgresRoot)
  ? join(postgresRoot, readdirSync(postgresRoot).at(-1) ?? '', 'bin')
  : join(postgresRoot, 'bin')
export const mariadbd = '/usr/sbin/mariadbd'

/** Starts a PostgreSQL with the user `reader`, until the test ends. Returns its port, and a function that runs statements. */
export async function startPostgres(): Promise<{ port: number; run(sql: string): void }> {
  const port = await freePort()
  // PostgreSQL does not run as root, nor in a folder that its user cannot enter.
  const isRoot = process.getuid?.() === 0
  const as = isRoot ? ['/usr/sbin/runuser', '-u', 'postgres', '--'] : []
  const command = (name: string, ...args: string[]) =>
    [...as, join(postgresBin, name), ...args] as [string, ...string[]]
  const folder = isRoot
    ? execFileSync('/usr/sbin/runuser', ['-u', 'postgres', '--', 'mktemp', '-d', '/tmp/ioc-postgres-XXXXXX'], {
        encoding: 'utf8',
      }).trim()
    : mkdtempSync(join(tmpdir(), 'ioc-postgres-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const data = join(folder, 'data')
  const [init, ...initArgs] = command(
    'initdb',
    '-D',
    data,
    '-A',
    'trust',
    '-U',
    'owner',
    '--no-sync',
    '-E',
    'UTF8',
    '--no-locale',
  )
  execFileSync(init, initArgs, { stdio: 'pipe', cwd: '/' })
  const settings = [
    '-c',
    'fsync=off',
    '-c',
    'logging_collector=off',
    '-c',
    'log_min_messages=panic',
    '-c',
    'shared_buffers=8MB',
  ]
  // Its own program, not a shell that would leave it behind.
  const [program, ...args] = command(
    'postgres',
    '-D',
    data,
    '-k',
    folder,
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    ...settings,
  )
  const child = startPeer(program, args)
  onTestFinished(async () => {
    spawnSync(
      command('pg_ctl', 'stop', '-D', data, '-m', 'immediate')[0],
      command('pg_ctl', 'stop', '-D', data, '-m', 'immediate').slice(1),
      { cwd: '/' },
    )
    await stopPeer(child)
  })
  await listening(port)
  const run = (sql: string): void => {
    execFileSync(
      '/usr/bin/psql',
      ['-h', '127.0.0.1', '-p', String(port), '-U', 'owner', '-d', 'postgres', '-v', 'ON_ERROR_STOP=1', '-qc', sql],
      {
        stdio: 'pipe',
      },
    )
  }
  for (;;) {
    try {
      run("CREATE USER reader PASSWORD 'secret'; GRANT pg_read_all_data TO reader")
      return { port, run }
    } catch (error) {
      if (!String((error as { stderr?: unknown }).stderr).includes('starting up')) throw error
    }
  }
}

/** Starts a MariaDB with the database `registry` and the user `reader`, until the test ends. */
export async function startMariadb(): Promise<{ port: number; run(sql: string): void }> {
  const port = await freePort()
  const folder = testFolder()
  const [data, socket] = [join(folder, 'data'), join(folder, 's')]
  const user = process.getuid?.() === 0 ? ['--user=root'] : []
  execFileSync(
    '/usr/bin/mariadb-install-db',
    ['--no-defaults', ...user, `--datadir=${data}`, '--skip-test-db', '--auth-root-authentication-method=normal'],
    {
      stdio: 'pipe',
    },
  )
  startPeer(mariadbd, [
    '--no-defaults',
    ...user,
    `--datadir=${data}`,
    `--socket=${socket}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--innodb-flush-method=nosync',
    '--silent-startup',
    `--log-error=${join(folder, 'log')}`,
  ])
  await listening(port)
  const run = (sql: string): void => {
    execFileSync('/usr/bin/mariadb', ['--no-defaults', '-S', socket, '-u', 'root', '-e', sql], { stdio: 'pipe' })
  }
  run(
    "CREATE DATABASE registry CHARACTER SET utf8mb4; CREATE USER reader IDENTIFIED BY 'secret'; GRANT SELECT ON registry.* TO reader",
  )
  return { port, run }
}
