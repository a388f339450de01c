import { render } from 'preact'
import { language } from '../src/preferences.ts'
import { examples } from './examples.tsx'
import * as measure from './measure.ts'

/**
 * All panels at several sizes, with values made by hand, for looking at and for tests: `?theme=dark&language=en&day=bad`;
 * `only=stat` shows the examples whose name begins so, `size=wall` is the type of a wall.
 */
const asked = new URLSearchParams(location.search)
const root = document.documentElement
root.dataset['theme'] = asked.get('theme') ?? 'light'
if (asked.has('size')) root.dataset['size'] = asked.get('size') ?? ''
language.value = asked.get('language') === 'en' ? 'en' : 'vi'
root.lang = language.value

Object.assign(window, { gallery: measure })

const gallery = document.getElementById('gallery')
const shown = examples(asked.get('day') === 'bad').filter(({ name }) => name.startsWith(asked.get('only') ?? ''))
if (gallery) {
  render(
    shown.map(({ name, title, width, height, content }) => (
      <section key={name} class="example" data-testid={name} style={{ width: `${width}rem`, height: `${height}rem` }}>
        <h2>{title}</h2>
        <div>{content}</div>
      </section>
    )),
    gallery,
  )
}
