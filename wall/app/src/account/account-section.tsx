import { useState } from 'preact/hooks'
import { areas } from '../state.ts'
import { sayArea } from '../words.ts'
import { changePassword, logout, session } from './session.ts'
import { sayAccount, sayRole } from './words.ts'

/** Of the menu: who is logged in, with logout and the change of the password. */
export function AccountSection() {
  const { open = false, user = null } = session.value ?? {}
  if (!user) return null
  const limits = [
    ...(user.areas ?? []).map((code) => sayArea(code, areas.value.get(code))),
    ...(user.unit ? [user.unit] : []),
  ]
  return (
    <section class="settings" data-testid="account">
      <h2>{sayAccount('account')}</h2>
      {open ? (
        <p class="muted">{sayAccount('open')}</p>
      ) : (
        <>
          <p>
            <strong data-testid="account-name">{user.name}</strong> · {sayRole(user.role)}
            {limits.length > 0 && ` · ${sayAccount('limitedTo')}: ${limits.join(', ')}`}
          </p>
          <button type="button" data-testid="logout" onClick={logout}>
            {sayAccount('logout')}
          </button>
          <PasswordForm />
        </>
      )}
    </section>
  )
}

function PasswordForm() {
  const [outcome, setOutcome] = useState<'changed' | 'differs' | 'currentWrong' | 'weak' | 'wait' | 'away'>()
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const data = new FormData(form)
    const [current, next, repeat] = ['current', 'next', 'repeat'].map((name) => String(data.get(name))) as [
      string,
      string,
      string,
    ]
    if (next !== repeat) {
      setOutcome('differs')
      return
    }
    const status = await changePassword(current, next)
    setOutcome(outcomes[status] ?? 'away')
    if (status === 200) form.reset()
  }
  return (
    <details>
      <summary data-testid="change-password">{sayAccount('change')}</summary>
      <form onSubmit={submit}>
        <label>
          {sayAccount('current')}
          <input
            name="current"
            type="password"
            autocomplete="current-password"
            required
            data-testid="password-current"
          />
        </label>
        <label>
          {sayAccount('next')}
          <input
            name="next"
            type="password"
            autocomplete="new-password"
            minLength={10}
            required
            data-testid="password-next"
          />
        </label>
        <label>
          {sayAccount('repeat')}
          <input name="repeat" type="password" autocomplete="new-password" required data-testid="password-repeat" />
        </label>
        <button type="submit" data-testid="password-submit">
          {sayAccount('change')}
        </button>
        <p role="status" data-testid="password-outcome">
          {outcome && sayAccount(outcome)}
        </p>
      </form>
    </details>
  )
}

/** By HTTP status. */
const outcomes: Readonly<Record<number, 'changed' | 'currentWrong' | 'weak' | 'wait'>> = {
  200: 'changed',
  400: 'weak',
  403: 'currentWrong',
  429: 'wait',
}
