import { cpus, totalmem } from 'node:os'
import { figure } from './figure.ts'
import { stages } from './stages/table.ts'

/** `npm run bench [-- <stage>…]`: all stages, or those that are named. */
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(stages, name))
if (unknown.length > 0) {
  process.stderr.write(`no stage ${unknown.join(', ')}; there are ${Object.keys(stages).join(', ')}\n`)
  process.exit(1)
}
figure('machine.cores', cpus().length, 'cores', {
  model: cpus()[0]?.model,
  memory_gb: Math.round(totalmem() / 1e9),
  node: process.version,
})
for (const [name, run] of Object.entries(stages)) {
  if (wanted.length === 0 || wanted.includes(name)) await run()
}
