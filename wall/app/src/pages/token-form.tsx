import { useState } from 'preact/hooks'
import { say } from '../words.ts'

/** Asks for the token that a centre beyond loopback wants; the cookie that it gives opens `/live` too. */
export function TokenForm() {
  const [refusal, setRefusal] = useState<'tokenWrong' | 'tokenWait'>()
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const token = new FormData(event.currentTarget as HTMLFormElement).get('token')
    const response = await fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    }).catch(() => undefined)
    if (response?.ok) location.reload()
    else setRefusal(response?.status === 429 ? 'tokenWait' : 'tokenWrong')
  }
  return (
    <main class="message-page">
      <h1>{say('title')}</h1>
      <form onSubmit={submit}>
        <p>{say('tokenAsk')}</p>
        <label>
          {say('token')}
          <input name="token" type="password" autocomplete="current-password" required data-testid="token" />
        </label>
        <button type="submit">{say('enter')}</button>
        <p role="alert">{refusal && <span class="badge level-2">{say(refusal)}</span>}</p>
      </form>
    </main>
  )
}
