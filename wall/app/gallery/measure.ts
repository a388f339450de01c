/** What the tests of the panels ask of the page; on `window` as `gallery`. */

/** Gives an example another size, in rem, and waits until it is drawn. */
export async function resize(name: string, width: number, height: number): Promise<void> {
  const style = exampleOf(name).style
  style.width = `${width}rem`
  style.height = `${height}rem`
  await new Promise(requestAnimationFrame)
  await new Promise(requestAnimationFrame)
}

/** Texts of an example's tiles that lie beyond their box. */
export function textsOutside(name: string): string[] {
  return [...exampleOf(name).querySelectorAll('.tile')].flatMap((tile) => {
    const box = tile.getBoundingClientRect()
    const leaves = [...tile.querySelectorAll('.figure-value, .tile-notes > span, .level-mark, .tile-name')]
    return leaves.flatMap((leaf) => {
      const { left, right, top, bottom, width } = leaf.getBoundingClientRect()
      const fits = left >= box.left - 1 && right <= box.right + 1 && top >= box.top - 2 && bottom <= box.bottom + 2
      return width === 0 || fits ? [] : [`${leaf.className}: ${leaf.textContent}`]
    })
  })
}

/** How wide texts are in the font of the page, in px. */
export function widthsOf(texts: readonly string[]): number[] {
  return texts.map((text) => {
    const span = document.createElement('span')
    span.textContent = text
    document.body.append(span)
    const { width } = span.getBoundingClientRect()
    span.remove()
    return width
  })
}

/** The share of a screenshot's pixels that have a strong colour. */
export async function saturatedShare(png: string): Promise<number> {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob())
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
  if (!context) throw new Error('no canvas')
  context.drawImage(bitmap, 0, 0)
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height)
  let saturated = 0
  for (let index = 0; index < data.length; index += 4) {
    const [red = 0, green = 0, blue = 0] = data.subarray(index, index + 3)
    const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)]
    if (most > 60 && (most - least) / most > 0.4) saturated++
  }
  return saturated / (data.length / 4)
}

export const style = (name: string, selector: string, property: string): string => {
  const element = exampleOf(name).querySelector(selector)
  return element ? getComputedStyle(element).getPropertyValue(property) : ''
}

function exampleOf(name: string): HTMLElement {
  const example = document.querySelector<HTMLElement>(`[data-testid="${name}"]`)
  if (!example) throw new Error(`no example ${name}`)
  return example
}
