import { ApiError } from '@ioc/contract/messages/api.ts'
import {
  ApiAnnotations,
  ApiAnnotationsQuery,
  ApiBoard,
  ApiBoardParams,
  ApiBoardQuery,
  ApiBoards,
  ApiBoardVariables,
  ApiPanelData,
  ApiPanelParams,
  ApiPanelQuery,
  ApiVariablesQuery,
} from '@ioc/contract/messages/api-boards.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { BoardAnnotations, BoardList, BoardVariables, PanelData } from '../../shared/boards/panel-data.ts'
import { tags } from '../api-docs.ts'
import { readAnnotations } from '../boards/annotations.ts'
import { type LoadedBoard, panelsOf } from '../boards/library.ts'
import { readPanel } from '../boards/panel-data.ts'
import type { SharedReads } from '../boards/shared-reads.ts'
import { chooseVariables, listChoices, type VariableSources } from '../boards/variables.ts'
import { addressKey } from '../guess-limit.ts'
import type { LiveState } from '../live-state.ts'
import type { WallOptions } from '../options.ts'
import type { PlacesOf } from '../visible-places.ts'
import { notFound } from './not-found.ts'

const defaultWidth = 1_000
const variablesText =
  'Choose values of variables by `var-{name}`, once for each value: `var-area=24943`, or `var-area=$__all`. Other values ' +
  'than those of the choices match nothing.'

/** `/api/boards`: the boards, the choices of their variables, and what the queries of their panels return. */
export function boardRoutes(
  app: FastifyInstance,
  boardsNow: () => ReadonlyMap<string, LoadedBoard>,
  state: LiveState,
  reads: SharedReads,
  { grafanaUrl }: Pick<WallOptions, 'grafanaUrl'>,
  placesOf: PlacesOf,
): void {
  const list = (): BoardList => ({
    boards: [...boardsNow().values()].map(({ entry }) => entry),
    grafana: grafanaUrl === '' ? null : grafanaUrl.replace(/\/+$/, ''),
  })
  const schemaOf = (summary: string, description: string) => ({ tags: [tags.boards], summary, description })

  app.get(
    '/api/boards',
    {
      config: { role: 'viewer', places: 'free' },
      schema: {
        ...schemaOf('The boards, in the order of the menu', 'Each with its titles and the indicators that it shows.'),
        response: { 200: ApiBoards },
      },
    },
    () => list(),
  )
  app.get<{ Params: ApiBoardParams; Querystring: ApiBoardQuery }>(
    '/api/boards/:uid',
    {
      config: { role: 'viewer', places: 'free' },
      schema: {
        ...schemaOf(
          'A board',
          'The JSON that Grafana is provisioned with. It has an ETag, which `If-None-Match` may name.',
        ),
        params: ApiBoardParams,
        querystring: ApiBoardQuery,
        response: { 200: ApiBoard, 404: ApiError },
      },
    },
    (request, reply) => {
      const { etag, json } = boardOf(request.params.uid).editions[request.query.language ?? 'vi']
      reply.header('etag', etag).header('cache-control', 'no-cache')
      const known = (request.headers['if-none-match'] ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
      if (known.includes(etag.replace(/^W\//, ''))) return reply.code(304).send()
      // Serialised already.
      return reply.type('application/json; charset=utf-8').serializer(String).send(json)
    },
  )
  app.get<{ Params: ApiBoardParams; Querystring: ApiVariablesQuery }>(
    '/api/boards/:uid/variables',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        ...schemaOf('The choices of the variables', `Each as of the ones before it. ${variablesText}`),
        params: ApiBoardParams,
        querystring: ApiVariablesQuery,
        response: { 200: ApiBoardVariables, 400: ApiError, 404: ApiError, 503: ApiError },
      },
    },
    async (request): Promise<BoardVariables> => {
      const { board } = boardOf(request.params.uid).editions.vi
      return { variables: await listChoices(board, request.query, sourcesOf(request)) }
    },
  )
  app.get<{ Params: ApiPanelParams; Querystring: ApiPanelQuery }>(
    '/api/boards/:uid/panels/:id',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        ...schemaOf(
          'What the queries of a panel return',
          `The server puts variables, time range and interval into the queries. ${variablesText} Answers may be up to 30 s ` +
            'old; values since then are in the live topics. A query that fails has an `error`, the others their answers; ' +
            'the status is 503 while the store does not answer.',
        ),
        params: ApiPanelParams,
        querystring: ApiPanelQuery,
        response: { 200: ApiPanelData, 400: ApiError, 404: ApiError, 503: ApiError },
      },
    },
    async (request): Promise<PanelData> => {
      const { uid, id } = request.params
      const { board } = boardOf(uid).editions.vi
      const panel = panelsOf(board.panels).find((one) => one.id === id)
      if (!panel) throw notFound(`board ${uid} has no panel ${id}`)
      const sources = sourcesOf(request)
      const variables = await chooseVariables(board, request.query, sources)
      const { from = board.time?.from ?? 'now-6h', to = board.time?.to ?? 'now', width = defaultWidth } = request.query
      return readPanel(board, panel, { from, to, width, variables }, sources)
    },
  )

  app.get<{ Params: ApiBoardParams; Querystring: ApiAnnotationsQuery }>(
    '/api/boards/:uid/annotations',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        ...schemaOf(
          'Events that the charts of a board mark',
          `What the annotation queries of the board return, the newest first. ${variablesText} A measurement that does not ` +
            'exist has no events. The status is 503 while the store does not answer.',
        ),
        params: ApiBoardParams,
        querystring: ApiAnnotationsQuery,
        response: { 200: ApiAnnotations, 400: ApiError, 404: ApiError, 503: ApiError },
      },
    },
    async (request): Promise<BoardAnnotations> => {
      const { language = 'vi', ...query } = request.query
      const { board } = boardOf(request.params.uid).editions[language]
      const sources = sourcesOf(request)
      const variables = await chooseVariables(board, query, sources)
      const { from = board.time?.from ?? 'now-6h', to = board.time?.to ?? 'now' } = query
      return readAnnotations(board, { from, to, variables }, sources.read)
    },
  )

  /** What a user reads for a board: each statement is limited before it is shared with those of the same limit. */
  const sourcesOf = (request: FastifyRequest): VariableSources => {
    const places = placesOf(request.user)
    return {
      state,
      places,
      read: async (statement, keepMs) =>
        reads.read(places?.limit(statement) ?? statement, keepMs, addressKey(request.ip)),
    }
  }

  function boardOf(uid: string): LoadedBoard {
    const board = boardsNow().get(uid)
    if (!board) throw notFound(`no board ${uid}`)
    return board
  }
}
