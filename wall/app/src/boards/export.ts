import type { Cell } from '../../../shared/boards/panel-data.ts'
import type { Field, Frame } from '../fields/frame.ts'
import { transform } from '../fields/transform.ts'

/**
 * The frames of a panel as CSV: series side by side at their times, tables below each other. Texts are as the panel shows
 * them, such as the names of areas; numbers are as they are stored.
 */
export function csvOf(frames: readonly Frame[]): string {
  const isSeries = frames.length > 1 && frames.every(({ fields }) => fields.length === 2 && fields[0]?.kind === 'time')
  const shown = frames.map(withTexts)
  const tables = isSeries ? transform(shown, [{ id: 'joinByField', options: {} }]) : shown
  return tables
    .map(({ fields }) => {
      const rows = Math.max(0, ...fields.map(({ values }) => values.length))
      const head = fields.map((field) => field.title ?? field.name)
      const lines = Array.from({ length: rows }, (_row, index) =>
        fields.map(({ kind, values }) => {
          const value = values[index] ?? null
          return kind === 'time' && typeof value === 'number' ? new Date(value).toISOString() : value
        }),
      )
      return [head, ...lines].map((line) => line.map(cellOf).join(',')).join('\r\n')
    })
    .join('\r\n\r\n')
}

function withTexts(frame: Frame): Frame {
  const textOf = ({ display }: Field, value: Cell) => (value === null ? null : display(value).text)
  return {
    ...frame,
    fields: frame.fields.map((field) =>
      field.kind === 'string' ? { ...field, values: field.values.map((value) => textOf(field, value)) } : field,
    ),
  }
}

/** Quoted where needed. A text that a spreadsheet would run as a formula is kept from it. */
function cellOf(value: string | number | boolean | null): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Offers a file; the mark at its start lets spreadsheets read Vietnamese. */
export function downloadCsv(name: string, csv: string): void {
  download(name, new Blob(['\uFEFF', csv], { type: 'text/csv;charset=utf-8' }))
}

/** Pixels of the image for each of the screen. */
const imageScale = 2

/**
 * Offers an element as an image: its copy, with the styles that hold and its canvases as images, is drawn by the browser
 * as part of an SVG.
 * @throws Error where the browser cannot, as for a panel that is too large
 */
export async function downloadPng(name: string, element: HTMLElement): Promise<void> {
  const { width, height } = element.getBoundingClientRect()
  const copy = styledCopy(element)
  copy.style.margin = '0'
  const text = new XMLSerializer().serializeToString(copy)
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<style>${await fontFaces()}</style>` +
    `<foreignObject width="100%" height="100%">${text}</foreignObject></svg>`
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = Math.ceil(width * imageScale)
  canvas.height = Math.ceil(height * imageScale)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('the browser draws no canvas')
  context.scale(imageScale, imageScale)
  context.drawImage(image, 0, 0)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (!blob) throw new Error('the browser makes no image')
  download(name, blob)
}

/** The fonts that the page has loaded, as an image may load none: without them, names are wider than their boxes. */
async function fontFaces(): Promise<string> {
  const loaded = new Set([...document.fonts].filter(({ status }) => status === 'loaded').map(faceKey))
  const rules = [...document.styleSheets].flatMap(({ cssRules }) =>
    [...cssRules].filter((rule): rule is CSSFontFaceRule => rule instanceof CSSFontFaceRule),
  )
  const faces = rules.flatMap(({ style }) => {
    const value = (name: string) => style.getPropertyValue(name)
    const [, url] = /url\("?([^")]+)"?\)/.exec(value('src')) ?? []
    const key = faceKey({
      ...{ family: value('font-family'), weight: value('font-weight'), unicodeRange: value('unicode-range') },
    })
    return url !== undefined && loaded.has(key) ? [{ style, url }] : []
  })
  const texts = await Promise.all(
    faces.map(async ({ style, url }) => {
      const blob = await (await fetch(url)).blob()
      return `@font-face{${style.cssText.replace(/src:[^;]*;/, `src:url(${await dataUrl(blob)});`)}}`
    }),
  )
  return texts.join('')
}

const faceKey = ({ family, weight, unicodeRange }: Pick<FontFace, 'family' | 'weight' | 'unicodeRange'>): string =>
  [family.replaceAll('"', ''), weight, unicodeRange.replaceAll(' ', '').toUpperCase()].join(' ')

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(blob)
  })
}

/** Left out of images: what one clicks at. */
const excluded = '[data-no-image]'

function styledCopy(element: Element): HTMLElement {
  if (element instanceof HTMLCanvasElement) {
    const image = document.createElement('img')
    image.src = element.toDataURL()
    copyStyle(element, image)
    return image
  }
  const copy = element.cloneNode(false) as HTMLElement
  copyStyle(element, copy)
  for (const child of element.childNodes) {
    if (child instanceof Element) {
      if (!child.matches(excluded)) copy.append(styledCopy(child))
    } else copy.append(child.cloneNode())
  }
  return copy
}

function copyStyle(from: Element, to: HTMLElement): void {
  const style = getComputedStyle(from)
  for (const property of style) to.style.setProperty(property, style.getPropertyValue(property))
}

function download(name: string, blob: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // The browser has taken the file over by the next task.
  setTimeout(() => URL.revokeObjectURL(link.href))
}
