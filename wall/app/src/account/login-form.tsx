import { useState } from 'preact/hooks'
import { say } from '../words.ts'
import { login } from './session.ts'
import { sayAccount } from './words.ts'

/** Asks who it is, where the centre has accounts; the cookie that it gets opens `/live` too. */
export function LoginForm() {
  const [refusal, setRefusal] = useState<'wrong' | 'wait' | 'away'>()
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    setBusy(true)
    const status = await login(String(form.get('name')), String(form.get('password')))
    setBusy(false)
    if (status === 200) location.reload()
    else setRefusal(status === 429 ? 'wait' : status === 401 ? 'wrong' : 'away')
  }
  return (
    <main class="message-page">
      <h1>{say('title')}</h1>
      <form onSubmit={submit}>
        <p>{sayAccount('ask')}</p>
        <label>
          {sayAccount('name')}
          <input
            name="name"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            data-testid="login-name"
          />
        </label>
        <label>
          {sayAccount('password')}
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            data-testid="login-password"
          />
        </label>
        <button type="submit" disabled={isBusy}>
          {sayAccount('enter')}
        </button>
        <p role="alert">{refusal && <span class="badge level-2">{sayAccount(refusal)}</span>}</p>
      </form>
    </main>
  )
}
