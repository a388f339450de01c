import { useState } from 'preact/hooks'
import { fold } from '../fold.ts'
import { navigate, withQuery } from '../shell/location.ts'
import { usePopover } from './use-popover.ts'
import { allValue, type Choice, choiceText, dependentOf } from './variables.ts'
import { boardWord } from './words.ts'

/** From so many choices on there is a field to search them. */
const minSearched = 8

/** The variables of a board, each to be chosen. */
export function VariablesBar({ choices }: { readonly choices: readonly Choice[] }) {
  const shown = choices.filter(({ variable }) => (variable.hide ?? 0) !== 2 && variable.type !== 'constant')
  if (shown.length === 0) return null
  const choose = ({ variable }: Choice, values: readonly string[]) => {
    // The choices of those that depend on it begin anew.
    const dependent = dependentOf(
      variable.name,
      choices.map((one) => one.variable),
    )
    navigate(
      withQuery({
        [`var-${variable.name}`]: values,
        ...Object.fromEntries(dependent.map((name) => [`var-${name}`, undefined])),
      }),
    )
  }
  return (
    <fieldset class="variables" aria-label={boardWord('variables')} data-testid="variables">
      {shown.map((choice) => (
        <div class="variable" key={choice.variable.name} data-testid={`variable-${choice.variable.name}`}>
          {choice.variable.hide !== 1 && (
            <span class="variable-label">{choice.variable.label ?? choice.variable.name}</span>
          )}
          {choice.variable.type === 'textbox' ? (
            <input
              type="search"
              aria-label={choice.variable.label ?? choice.variable.name}
              value={choice.values[0] ?? ''}
              onChange={(event) => choose(choice, [event.currentTarget.value])}
            />
          ) : choice.variable.multi ? (
            <MultiChoice choice={choice} onChoose={(values) => choose(choice, values)} />
          ) : (
            <SingleChoice choice={choice} onChoose={(values) => choose(choice, values)} />
          )}
        </div>
      ))}
    </fieldset>
  )
}

interface ChoiceProps {
  readonly choice: Choice
  readonly onChoose: (values: readonly string[]) => void
}

function SingleChoice({ choice, onChoose }: ChoiceProps) {
  const { variable, options, values } = choice
  const [current = ''] = values
  const isKnown = current === allValue || options.some(({ value }) => value === current)
  return (
    <select
      aria-label={variable.label ?? variable.name}
      value={current}
      onChange={(event) => onChoose([event.currentTarget.value])}
    >
      {variable.includeAll && <option value={allValue}>{boardWord('all')}</option>}
      {!isKnown && <option value={current}>{current === '' ? boardWord('none') : current}</option>}
      {options.map(({ value, text }) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  )
}

function MultiChoice({ choice, onChoose }: ChoiceProps) {
  const { variable, options, values } = choice
  const { box, isOpen, setOpen } = usePopover<HTMLDivElement>()
  const [search, setSearch] = useState('')
  const isAll = values.includes(allValue)
  const toggle = (value: string) => {
    if (isAll) return onChoose([value])
    const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value]
    onChoose(next.length > 0 ? next : variable.includeAll ? [allValue] : values)
  }
  const found = options.filter(({ text }) => fold(text).includes(fold(search)))
  const label = variable.label ?? variable.name
  return (
    <div class="multi" ref={box}>
      <button
        type="button"
        class="multi-button"
        aria-expanded={isOpen}
        aria-label={`${label}: ${choiceText(choice, boardWord('all'))}`}
        onClick={() => setOpen(!isOpen)}
      >
        <span>{choiceText(choice, boardWord('all')) || boardWord('none')}</span> ▾
      </button>
      {isOpen && (
        <div class="multi-list">
          {options.length >= minSearched && (
            <input
              type="search"
              aria-label={boardWord('choose')}
              value={search}
              onInput={(event) => setSearch(event.currentTarget.value)}
            />
          )}
          <ul>
            {variable.includeAll && (
              <li>
                <label>
                  <input type="checkbox" checked={isAll} onChange={() => onChoose([allValue])} /> {boardWord('all')}
                </label>
              </li>
            )}
            {found.map(({ value, text }) => (
              <li key={value}>
                <label>
                  <input type="checkbox" checked={!isAll && values.includes(value)} onChange={() => toggle(value)} />{' '}
                  {text}
                </label>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}
