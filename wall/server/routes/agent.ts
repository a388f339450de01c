import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fastifyStatic from '@fastify/static'
import { ApiBundles } from '@ioc/contract/messages/api-enrol.ts'
import type { FastifyInstance } from 'fastify'
import { Value } from 'typebox/value'
import { installLine } from '../../shared/install-line.ts'
import { tags } from '../api-docs.ts'
import { declareRole } from '../guard.ts'
import { escapeHtml } from '../html.ts'
import type { WallOptions } from '../options.ts'

/** Files below `/agent/`: archives, their checksums and signatures, install scripts, signed releases with their files, the keys. */
const servedFile =
  /^\/?(ioc-agent-[\w.-]+\.(tar\.gz|zip)(\.sha256|\.sig)?|ioc-agent-[\w.-]+\.release\.json|files\/[0-9a-f]{64}\.gz|install\.(sh|ps1)|release-key\.pem|manifest\.json)$/

/** `/agent/`: the bundles of the agent, open to all, as a machine has no account before it is enrolled. */
export async function agentRoutes(app: FastifyInstance, { agentBundles }: WallOptions): Promise<void> {
  const folder = resolve(agentBundles)
  app.get(
    '/api/agent',
    {
      config: { role: 'public', places: 'free' },
      schema: {
        tags: [tags.enrolment],
        summary: 'Bundles and install scripts of the agent',
        security: [],
        response: { 200: ApiBundles },
      },
    },
    () => readBundles(folder),
  )
  app.get('/agent/', { config: { role: 'public', places: 'free' }, schema: { hide: true } }, (request, reply) => {
    const bundles = readBundles(folder)
    const origin = `${request.protocol}://${request.host}`
    return reply.type('text/html; charset=utf-8').send(describeBundles(bundles, origin))
  })
  // The folder may be built while the wall runs.
  await app.register(async (scope) => {
    declareRole(scope, 'public')
    await scope.register(fastifyStatic, {
      root: folder,
      prefix: '/agent/',
      index: false,
      decorateReply: false,
      allowedPath: (path) => servedFile.test(path),
      setHeaders: (reply) => reply.header('cache-control', 'no-cache'),
    })
  })
}

function readBundles(folder: string): ApiBundles {
  const none: ApiBundles = { version: null, archives: [], scripts: [] }
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
    return Value.Check(ApiBundles, manifest) ? manifest : none
  } catch {
    return none
  }
}

/** A page for who stands at the machine; with a token, the line is on the page of the nodes. */
function describeBundles({ version, archives, scripts }: ApiBundles, origin: string): string {
  const rows = archives.map(
    ({ file, size, sha256 }) =>
      `<li><a href="/agent/${file}">${file}</a> (${(size / 1e6).toFixed(1)} MB)<br>SHA-256 <code>${sha256}</code>, <a href="/agent/${file}.sig">Ed25519</a></li>`,
  )
  const lines = scripts.map((script) => `<pre>${escapeHtml(installLine(script, origin, ''))}</pre>`)
  const content =
    version === null
      ? '<p>Chưa có bộ cài. / There are no bundles yet: <code>npm run agent:bundle</code>.</p>'
      : `<p>Dán dòng sau vào máy trạm, rồi báo mã 6 số cho quản trị viên. / Paste the line on the machine, then tell an administrator the six-digit code.</p>${lines.join('')}<ul>${rows.join('')}</ul>`
  return `<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>ioc-agent</title></head><body><h1>Phần mềm trạm / Edge agent ${version ?? ''}</h1>${content}</body></html>`
}
