let context: CanvasRenderingContext2D | null | undefined
const widths = new Map<string, number>()
/** Texts whose width is kept: the names of a district are fewer. */
const maxWidths = 5_000
/** Without a canvas: an average letter, in text sizes. */
const letterEm = 0.55

/** The width of a text in the font of the page, in pixels. */
export function textWidth(text: string, textPx: number, weight: number): number {
  const key = `${weight} ${text}`
  let em = widths.get(key)
  if (em === undefined) {
    em = measured(text, weight)
    if (widths.size >= maxWidths) widths.clear()
    widths.set(key, em)
  }
  return em * textPx
}

/** The widths of texts are other ones once the font of the page is loaded. */
export function forgetWidths(): void {
  widths.clear()
}

const measuredPx = 100

function measured(text: string, weight: number): number {
  context ??= document.createElement('canvas').getContext('2d')
  if (!context) return text.length * letterEm
  context.font = `${weight} ${measuredPx}px ${getComputedStyle(document.body).fontFamily}`
  return context.measureText(text).width / measuredPx
}
