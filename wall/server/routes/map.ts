import { statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import fastifyStatic from '@fastify/static'
import { OutlinesFile } from '@ioc/contract/district/outlines.ts'
import { isIocError } from '@ioc/contract/errors.ts'
import { ApiError, ApiMapSources } from '@ioc/contract/messages/api.ts'
import { type Outlines, outlinesFileName, readOutlines } from '@ioc/runtime/district/outlines.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { FastifyInstance } from 'fastify'
import { tags } from '../api-docs.ts'
import type { WallOptions } from '../options.ts'

/** The page asks with the version of what it wants: what it has cached is never of another file. */
const cacheControl = 'private, max-age=86400'

const outlinesExample = {
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      properties: { code: '24943', name: 'Ka Đô', approximate: true },
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [108.53, 11.72],
            [108.61, 11.72],
            [108.57, 11.8],
            [108.53, 11.72],
          ],
        ],
      },
    },
  ],
}

/** `/map/…`: what the map of the pages is drawn from. */
export async function mapRoutes(app: FastifyInstance, options: WallOptions, logger: Logger): Promise<void> {
  const readValid = createOutlines(options.district, logger)
  const baseFile = options.mapFile === '' ? undefined : resolve(options.mapFile)
  const baseVersion = (): string | null => (baseFile === undefined ? null : versionOf(baseFile))
  if (baseFile !== undefined && baseVersion() === null)
    logger.warn({ file: baseFile }, 'the base map is not a file (IOC_MAP_FILE): the map is drawn without it')

  app.get(
    '/map/sources',
    {
      config: { role: 'viewer', places: 'free' },
      schema: {
        tags: [tags.fleet],
        summary: 'Which parts of the map there are',
        description: 'The versions of `/map/outlines` and `/map/base.pmtiles`; null: there is no such part.',
        response: { 200: ApiMapSources },
      },
    },
    () => ({ outlines: readValid()?.version ?? null, base: baseVersion() }),
  )
  app.get(
    '/map/outlines',
    {
      config: { role: 'viewer', places: 'free' },
      schema: {
        tags: [tags.fleet],
        summary: 'Outlines of the areas, as GeoJSON',
        description: '`outlines.geojson` of the district. While that file is invalid, the one before it.',
        response: { 200: { ...OutlinesFile, examples: [outlinesExample] }, 404: ApiError },
      },
    },
    (_request, reply) => {
      const outlines = readValid()
      if (!outlines)
        return reply.code(404).send({ statusCode: 404, error: 'Not Found', message: 'the district has no outlines' })
      reply.header('cache-control', cacheControl).type('application/geo+json; charset=utf-8')
      return outlines.content
    },
  )
  await app.register(async (scope) => {
    await scope.register(fastifyStatic, { root: dirname(baseFile ?? import.meta.dirname), serve: false })
    scope.get(
      '/map/base.pmtiles',
      {
        // Its tiles are compressed already, and it is read by `Range`.
        compress: false,
        config: { role: 'viewer', places: 'free' },
        schema: {
          tags: [tags.fleet],
          summary: 'The base map that the operator provides (IOC_MAP_FILE), in parts by `Range`',
          response: { 404: ApiError },
        },
      },
      (_request, reply) => {
        if (baseFile === undefined || baseVersion() === null)
          return reply.code(404).send({ statusCode: 404, error: 'Not Found', message: 'no base map is provided' })
        reply.header('cache-control', cacheControl)
        return reply.sendFile(basename(baseFile), dirname(baseFile), { cacheControl: false, dotfiles: 'allow' })
      },
    )
  })
}

/** Returns a function that reads the district's outlines: the last valid ones, as the processor keeps them in force. */
function createOutlines(folder: string, logger: Logger): () => Outlines | undefined {
  const file = join(folder, outlinesFileName)
  let valid: Outlines | undefined
  let problem: string | undefined
  let known: string | null | undefined
  return () => {
    // The file has some MB, and every wall asks for it after a restart.
    const version = versionOf(file)
    if (version === known) return valid
    known = version
    try {
      valid = readOutlines(folder)
      problem = undefined
    } catch (error) {
      if (!isIocError(error, 'DISTRICT_INVALID')) {
        known = undefined
        throw error
      }
      if (problem !== error.message) logger.warn({ reason: error.message }, 'the outlines are refused')
      problem = error.message
    }
    return valid
  }
}

/** Changes with the file; null: there is none. */
function versionOf(file: string): string | null {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats?.isFile() ? `${stats.mtimeMs.toString(36)}-${stats.size.toString(36)}`.replace('.', '_') : null
}
