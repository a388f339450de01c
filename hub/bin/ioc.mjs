#!/usr/bin/env node
// Any Node can start this file; the pinned one, which runs TypeScript as it is, runs the command.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node')
const main = join(here, '..', 'main.ts')
// Stripping the types takes half of the time of a short command.
const compileCache = join(here, '..', '..', 'node_modules', '.cache', 'ioc')
const child = spawn(node, ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { NODE_COMPILE_CACHE: compileCache, ...process.env },
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
