import { type MarkedToken, marked, type Token, type Tokens } from 'marked'
import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import type { PanelProps } from '../panel.ts'
import './text.css'

/** A panel of text. */
export function Text({ panel, linkTo }: PanelProps) {
  return <Markdown content={String(panel.options?.['content'] ?? '')} linkTo={linkTo} />
}

interface MarkdownProps {
  readonly content: string
  readonly linkTo: LinkTo
}

/**
 * Text with Markdown. It becomes elements of the page one by one and never HTML: tags in it are shown as they are
 * written, and only links to the web, to mail and within the page are links.
 */
export function Markdown({ content, linkTo }: MarkdownProps) {
  const tokens = useMemo(() => marked.lexer(content), [content])
  return <div class="text-panel">{blocks(tokens, linkTo)}</div>
}

type LinkTo = PanelProps['linkTo']

function blocks(tokens: readonly Token[] | undefined, linkTo: LinkTo): ComponentChildren[] {
  return (tokens ?? []).map((token, index) => <Piece key={index} token={token as MarkedToken} linkTo={linkTo} />)
}

const headings = ['h3', 'h4', 'h5', 'h6'] as const

function Piece({ token, linkTo }: { readonly token: MarkedToken; readonly linkTo: LinkTo }) {
  const inner = () => blocks('tokens' in token ? token.tokens : undefined, linkTo)
  switch (token.type) {
    case 'heading': {
      const Heading = headings[Math.min(token.depth, headings.length) - 1] ?? 'h6'
      return <Heading>{inner()}</Heading>
    }
    case 'paragraph':
      return <p>{inner()}</p>
    case 'strong':
      return <strong>{inner()}</strong>
    case 'em':
      return <em>{inner()}</em>
    case 'del':
      return <del>{inner()}</del>
    case 'blockquote':
      return <blockquote>{inner()}</blockquote>
    case 'br':
      return <br />
    case 'hr':
      return <hr />
    case 'codespan':
      return <code>{token.text}</code>
    case 'code':
      return (
        <pre>
          <code>{token.text}</code>
        </pre>
      )
    case 'list':
      return <List list={token} linkTo={linkTo} />
    case 'link':
      return isSafe(token.href) ? <a href={linkTo(token.href)}>{inner()}</a> : <span>{inner()}</span>
    case 'table':
      return <TextTable table={token} linkTo={linkTo} />
    case 'text':
      return token.tokens ? inner() : token.text
    case 'escape':
      return token.text
    case 'html':
    case 'image':
    case 'checkbox':
    case 'list_item':
      return token.raw
    case 'space':
    case 'def':
      return null
    default:
      token satisfies never
      return null
  }
}

function List({ list, linkTo }: { readonly list: Tokens.List; readonly linkTo: LinkTo }) {
  const items = list.items.map((item, index) => <li key={index}>{blocks(item.tokens, linkTo)}</li>)
  return list.ordered ? <ol start={Number(list.start) || 1}>{items}</ol> : <ul>{items}</ul>
}

function TextTable({ table, linkTo }: { readonly table: Tokens.Table; readonly linkTo: LinkTo }) {
  const align = (index: number) => `align-${table.align[index] ?? 'left'}`
  return (
    <table>
      <thead>
        <tr>
          {table.header.map((cell, index) => (
            <th key={index} scope="col" class={align(index)}>
              {blocks(cell.tokens, linkTo)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row, number) => (
          <tr key={number}>
            {row.map((cell, index) => (
              <td key={index} class={align(index)}>
                {blocks(cell.tokens, linkTo)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Whether a link leads within the page, to the web or to mail, and does not run anything. */
function isSafe(href: string): boolean {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):/i.exec(href) ?? []
  return scheme === undefined || ['http', 'https', 'mailto'].includes(scheme.toLowerCase())
}
