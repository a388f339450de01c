import { spawnSync } from 'node:child_process'
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { releaseFile, versionPattern } from '@ioc/contract/messages/agent-release.ts'
import { readOrCreateSecret } from '@ioc/runtime/private-file.ts'
import { type Zippable, zipSync } from 'fflate'
import { type Plugin, rolldown } from 'rolldown'
import { addNodeRed } from './agent-bundle-node-red.ts'
import { pruneReleases, signRollback, writeRelease } from './release.ts'

/**
 * Builds the bundles of the agent: Node, the agent as plain JavaScript, service files, licences, so that a site needs no
 * internet. `dist/agent/` then has, for each platform, an archive with its SHA-256 and signature, the install scripts, and
 * `manifest.json`, which the wall serves below `/agent/`; and the signed release that installed agents update to.
 *
 *   npm run agent:bundle [-- --platform linux-x64 …] [--out FOLDER] [--level 1…9, of compression] [--with-node-red]
 *     [--release VERSION] [--minimum-from VERSION] [--expires-days N]
 *   npm run agent:bundle -- --rollback VERSION   signs a release that is there as one that may replace a newer version
 */
const root = join(import.meta.dirname, '..')
const sources = join(root, 'deploy', 'agent')
const cache = join(root, '.cache', 'agent')

const platforms = ['linux-x64', 'linux-arm64', 'win-x64'] as const
type Platform = (typeof platforms)[number]

interface Package {
  readonly package: string
  readonly integrity: string
}
type Packages = Readonly<Record<Platform | 'service-wrapper', Package>>

/** An archive, as `manifest.json` lists it. */
interface Archive {
  readonly platform: string
  readonly file: string
  readonly size: number
  readonly sha256: string
  /** Ed25519, of the archive, in base64. */
  readonly signature: string
  /** Of all that the archive was made from: it is not packed again where nothing has changed. */
  readonly key: string
}

const { values } = parseArgs({
  options: {
    platform: { type: 'string', multiple: true, default: [...platforms] },
    out: { type: 'string', default: join(root, 'dist', 'agent') },
    level: { type: 'string', default: '9' },
    release: { type: 'string' },
    'minimum-from': { type: 'string', default: '0.1.0' },
    'expires-days': { type: 'string', default: '180' },
    rollback: { type: 'string' },
    'with-node-red': { type: 'boolean', default: false },
  },
})
const wanted = platforms.filter((platform) => values.platform.includes(platform))
const unknown = values.platform.find((name) => !(platforms as readonly string[]).includes(name))
if (unknown !== undefined) throw new Error(`no platform ${unknown}: use ${platforms.join(', ')}`)

const out = resolve(values.out)
const version = values.release ?? (readJson(join(root, 'edge-agent', 'package.json')) as { version: string }).version
for (const one of [version, values['minimum-from']]) {
  if (!new RegExp(versionPattern).test(one)) throw new Error(`${one} is not a version of three numbers`)
}
const expiresDays = Number(values['expires-days'])
if (!(expiresDays > 0)) throw new Error('--expires-days must be a number of days')
const packages = readJson(join(sources, 'runtimes.json')) as Packages
mkdirSync(out, { recursive: true })
mkdirSync(cache, { recursive: true })

const key = secretKey(process.env['IOC_RELEASE_KEY'] || join(cache, 'signing-key.pem'))
if (values.rollback !== undefined) {
  const signed = signRollback(values.rollback, expiresDays, key, out)
  if (signed.length === 0) throw new Error(`there is no release of ${values.rollback} in ${out}`)
  for (const file of signed) console.log(`${file}  rollback`)
  process.exit()
}

/** Packages with native code, copied as they are. */
const nativePackages = ['serialport'] as const
/** What packages try to load, and do without. */
const optionalPackages = ['pg-native'] as const

/** A worker is started from a file of its own: `new URL('./name.ts', import.meta.url)` names it. */
const workersAsFiles: Plugin = {
  name: 'workers-as-files',
  transform(code, id) {
    if (!/new URL\('\.\/[\w-]+\.ts', import\.meta\.url\)/.test(code)) return undefined
    return code.replace(/new URL\('\.\/([\w-]+)\.ts', import\.meta\.url\)/g, (_all, name: string) => {
      this.emitFile({ type: 'chunk', id: join(dirname(id), `${name}.ts`), fileName: `${name}.mjs` })
      return `new URL('./${name}.mjs', import.meta.url)`
    })
  },
}

/** The version of a release that is not that of the sources. */
const versionOfRelease: Plugin = {
  name: 'version-of-release',
  transform(_code, id) {
    return id === join(root, 'edge-agent', 'version.ts')
      ? `export const version = ${JSON.stringify(version)}`
      : undefined
  },
}

/**
 * Escapes what is not ASCII. V8 keeps the source of a module with a single other character in two bytes a character, for as
 * long as it runs.
 */
const asciiOnly: Plugin = {
  name: 'ascii-only',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue
      chunk.code = chunk.code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    }
  },
}

/** What agents trust: the key of releases, and the spare one, so that a lost or leaked key can be replaced by an update. */
const publicKey = [key, spareKey()]
  .map((one) => createPublicKey(one).export({ type: 'spki', format: 'pem' }).toString())
  .join('')
/** Of this build alone: two may run at a time. */
const work = mkdtempSync(join(cache, 'build-'))
process.once('exit', () => rmSync(work, { recursive: true, force: true }))
const library = join(work, 'lib')
const modules = await bundleAgent(library)
if (values['with-node-red']) modules.push(...(await addNodeRed(root, library)).map((one) => join(one, 'package.json')))
const licences = licencesOf(modules)
/** Of all archives alike. */
const common = [publicKey, licences, ...nativePackages.map(manifestOf), ...filesBelow(library), ...filesBelow(sources)]
const before = existsSync(join(out, 'manifest.json'))
  ? (readJson(join(out, 'manifest.json')) as { archives: readonly Archive[] }).archives
  : []
const archives = wanted.map((platform) =>
  pack(
    platform,
    before.find((one) => one.platform === platform),
  ),
)
const kept = before.filter(
  (one) => !archives.some(({ platform }) => platform === one.platform) && one.file.includes(`-${version}-`),
)
const all = [...archives, ...kept]
const checksums = all.map(({ sha256, file }) => `${sha256}  ${file}`).join('\n')
const scripts = ['install.sh', 'install.ps1'].map((file) => {
  const text = readFileSync(join(sources, file), 'utf8').replace('@VERSION@', version).replace('@CHECKSUMS@', checksums)
  writeFileSync(join(out, file), text)
  return { file, sha256: digest(text) }
})
writeFileSync(join(out, 'release-key.pem'), publicKey)
writeFileSync(join(out, 'manifest.json'), `${JSON.stringify({ version, archives: all, scripts }, null, 2)}\n`)
pruneReleases(out)
for (const { file, size } of archives) console.log(`${file}  ${(size / 1e6).toFixed(1)} MB`)

/** Bundles the agent and its dependencies; resolves to the files that are in it. What is loaded late is a file of its own. */
async function bundleAgent(folder: string): Promise<string[]> {
  const bundle = await rolldown({
    input: {
      'ioc-agent': join(root, 'edge-agent', 'ioc-agent.ts'),
      launcher: join(root, 'edge-agent', 'update', 'launcher.ts'),
    },
    platform: 'node',
    external: [...nativePackages, ...optionalPackages],
    plugins: [workersAsFiles, versionOfRelease, asciiOnly],
    onLog: (level, log) => {
      if (level === 'warn' && log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message)
    },
  })
  const { output } = await bundle.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
    // Names stay, for the stacks of errors; comments and spaces would stay in memory.
    minify: { compress: true, mangle: false, codegen: true },
  })
  await bundle.close()
  return output.flatMap((one) => (one.type === 'chunk' ? one.moduleIds : []))
}

/** Copies packages and what they depend on beside the bundle; of native ones only what the platform loads. */
function copyPackages(names: readonly string[], folder: string, platform: Platform): void {
  const copied = new Set<string>()
  const prebuilt = platform.replace('win', 'win32')
  const copy = (name: string): void => {
    const source = join(root, 'node_modules', name)
    if (copied.has(name) || !existsSync(source)) return
    copied.add(name)
    cpSync(source, join(folder, 'node_modules', name), {
      recursive: true,
      filter: (path) => {
        const [, build] = /\/prebuilds\/([^/]+)/.exec(path) ?? []
        return !/\.(map|c|cc|cpp|h|d\.ts)$/.test(path) && (build === undefined || build === prebuilt)
      },
    })
    const { dependencies = {} } = readJson(join(source, 'package.json')) as { dependencies?: Record<string, string> }
    for (const dependency of Object.keys(dependencies)) copy(dependency)
  }
  for (const name of names) copy(name)
}

function licencesOf(modules: readonly string[]): string {
  const folders = new Set(
    modules.flatMap((path) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path.replace(/^\0+/, ''))?.[1] ?? []),
  )
  const texts = [...folders].sort().map((folder) => {
    const { name, version: of, license } = readJson(join(folder, 'package.json')) as Record<string, string>
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
    return `${name} ${of} (${license})\n\n${file === undefined ? '' : readFileSync(join(folder, file), 'utf8')}`
  })
  const own = `ioc-agent ${version} (MIT)\n\n${readFileSync(join(root, 'LICENSE'), 'utf8')}`
  return [own, ...texts].join(`\n${'-'.repeat(80)}\n\n`)
}

function pack(platform: Platform, last: Archive | undefined): Archive {
  const isWindows = platform === 'win-x64'
  const name = `ioc-agent-${version}-${platform}`
  const file = `${name}.${isWindows ? 'zip' : 'tar.gz'}`
  const path = join(out, file)
  const made = digest([version, values.level, values['minimum-from'], packages[platform].integrity, ...common])
  const isSame = last?.key === made && existsSync(path) && statSync(path).size === last.size
  if (isSame && existsSync(join(out, releaseFile(version, platform)))) return last

  const folder = join(work, name)
  mkdirSync(folder, { recursive: true })
  const runtime = unpack(packages[platform])
  const binary = isWindows ? 'node.exe' : 'node'
  cpSync(join(runtime, 'bin', binary), join(folder, binary))
  cpSync(library, join(folder, 'lib'), { recursive: true })
  copyPackages(nativePackages, join(folder, 'lib'), platform)
  // The package for Windows has none; the licence of Node is the same on all platforms.
  const licensed = existsSync(join(runtime, 'LICENSE')) ? runtime : unpack(packages['linux-x64'])
  const node = readFileSync(join(licensed, 'LICENSE'), 'utf8')
  writeFileSync(join(folder, 'LICENSES.txt'), `${licences}\n${'-'.repeat(80)}\n\nNode.js\n\n${node}`)
  writeFileSync(join(folder, 'release-key.pem'), publicKey)
  mkdirSync(join(folder, 'service'))
  const services = isWindows ? ['ioc-agent-service.xml'] : ['ioc-agent.service', 'ioc-agent.init']
  for (const one of services) cpSync(join(sources, 'service', one), join(folder, 'service', one))
  const launcher = isWindows ? 'ioc-agent.cmd' : 'ioc-agent'
  cpSync(join(sources, launcher), join(folder, launcher))
  if (isWindows) {
    const wrapper = join(unpack(packages['service-wrapper']), 'bin', 'winsw')
    cpSync(join(wrapper, 'winsw.exe'), join(folder, 'ioc-agent-service.exe'))
    cpSync(join(wrapper, 'winsw.exe.config'), join(folder, 'ioc-agent-service.exe.config'))
    writeFileSync(path, zipSync(zippable(folder, name), { level: 9 }))
  } else {
    for (const executable of ['node', 'ioc-agent']) chmodSync(join(folder, executable), 0o755)
    const owners = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0']
    run('tar', [...owners, '-I', `gzip -${values.level}n`, '-cf', path, '-C', work, name])
  }
  writeRelease(
    folder,
    { version, platform, minimumFrom: values['minimum-from'], expiresDays },
    key,
    out,
    Number(values.level),
  )
  rmSync(folder, { recursive: true, force: true })
  const bytes = readFileSync(path)
  const sha256 = digest(bytes)
  const signature = sign(null, bytes, key).toString('base64')
  writeFileSync(`${path}.sha256`, `${sha256}  ${file}\n`)
  writeFileSync(`${path}.sig`, `${signature}\n`)
  return { platform, file, size: bytes.length, sha256, signature, key: made }
}

/** A package of the registry, fetched once, compared with the integrity that is committed; the folder of its content. */
function unpack({ package: name, integrity }: Package): string {
  const file = join(cache, `${name.replace('@', '-')}.tgz`)
  const folder = join(cache, name.replace('@', '-'))
  if (!existsSync(file)) run('npm', ['pack', name, '--silent', '--pack-destination', cache])
  const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
  if (found !== integrity) {
    rmSync(file)
    throw new Error(`${name} has the integrity ${found}, expected ${integrity}`)
  }
  if (!existsSync(join(folder, 'package.json'))) {
    mkdirSync(folder, { recursive: true })
    run('tar', ['-xzf', file, '-C', folder, '--strip-components=1', '--exclude=*/include/*', '--exclude=*/share/*'])
  }
  return folder
}

/** A private key: of a file, made once where there is none. */
function secretKey(path: string): KeyObject {
  return createPrivateKey(
    readOrCreateSecret(path, () =>
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ),
  )
}

/** The second key that agents trust: its public half is enough, so that the private one can be kept elsewhere. */
function spareKey(): KeyObject {
  const path = process.env['IOC_RELEASE_SPARE_KEY']
  return path ? createPublicKey(readFileSync(path, 'utf8')) : secretKey(join(cache, 'spare-key.pem'))
}

function zippable(folder: string, below: string): Zippable {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    entries.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      // The first date that a zip can have: the same content is the same archive.
      return [`${below}/${relative(folder, path)}`, [readFileSync(path), { mtime: new Date(1980, 0, 2) }]] as const
    }),
  )
}

/** Names and contents of the files below a folder. */
function filesBelow(folder: string): (string | Buffer)[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
    .flatMap((path) => [relative(folder, path), readFileSync(path)])
}

function digest(parts: string | Buffer | readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of Array.isArray(parts) ? parts : [parts as string | Buffer]) hash.update(part)
  return hash.digest('hex')
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: dirname(cache), stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`${command} failed${error ? `: ${error.message}` : ''}`)
}

function manifestOf(name: string): Buffer {
  return readFileSync(join(root, 'node_modules', name, 'package.json'))
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
