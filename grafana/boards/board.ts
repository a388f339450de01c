import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'

/** A board: the name of its file, and what Grafana is provisioned with. */
export interface Board {
  readonly name: string
  readonly build: () => Dashboard
}
