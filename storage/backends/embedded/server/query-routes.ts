import type { FastifyInstance } from 'fastify'
import type { Store } from '../store.ts'

export function addQueryRoutes(server: FastifyInstance, store: Store, options: { readonly database: string }): void {
  server.get('/query', () => ({ database: options.database, series: store.catalog.series.length }))
}
