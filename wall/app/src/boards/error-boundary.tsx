import { Component, type ComponentChildren } from 'preact'
import { boardWord } from './words.ts'

interface Props {
  readonly children: ComponentChildren
}

interface State {
  readonly error?: unknown
}

/** Keeps what goes wrong in one panel from taking the others along. */
export class ErrorBoundary extends Component<Props, State> {
  static override getDerivedStateFromError(error: unknown): State {
    return { error }
  }

  override state: State = {}

  override componentDidCatch(error: unknown): void {
    console.error(error)
  }

  override render() {
    const { error } = this.state
    if (error === undefined) return this.props.children
    return (
      <p class="panel-note" role="alert">
        {boardWord('broken')}: <span lang="en">{String(error)}</span>
      </p>
    )
  }
}
