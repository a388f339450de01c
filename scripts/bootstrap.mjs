// Brings what is missing, under any Node from 20, before a command of the project runs: the dependencies, among them the
// Node that runs TypeScript, and the wall's page. Quick when nothing is missing.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bin = join(root, 'node_modules', '.bin')

/** Newest change below a folder, in ms; 0 where there is none. */
function newest(path) {
  if (!existsSync(path)) return 0
  const { mtimeMs } = statSync(path)
  if (!statSync(path).isDirectory()) return mtimeMs
  return Math.max(
    0,
    ...readdirSync(path)
      .filter((name) => name !== 'dist')
      .map((name) => newest(join(path, name))),
  )
}

function run(what, command, args) {
  console.log(`${what} …`)
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status === 0) return
  console.error(`${what} failed${error ? `: ${error.message}` : ''}`)
  process.exit(1)
}

const installed = join(root, 'node_modules', '.package-lock.json')
const stale = !existsSync(join(bin, 'node')) || newest(installed) < newest(join(root, 'package-lock.json'))
if (stale) run('Installing dependencies', 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'])

const app = join(root, 'wall', 'app')
if (newest(join(app, 'dist', 'index.html')) < newest(app)) {
  run('Bundling the wall', join(bin, 'node'), [
    join(root, 'node_modules', 'vite', 'bin', 'vite.js'),
    'build',
    '--logLevel',
    'warn',
    app,
  ])
}
