/** An install script with its SHA-256. */
export interface InstallScript {
  readonly file: string
  readonly sha256: string
}

/**
 * The line that is pasted on a machine: it downloads the script, compares its checksum, and runs it. The checksum comes from
 * a page that the administrator trusts, so that the certificate of the centre need not be known on the machine.
 */
export function installLine({ file, sha256 }: InstallScript, origin: string, token: string): string {
  const address = `${origin}/agent/${file}`
  return file.endsWith('.ps1') ? windowsLine(address, sha256, origin, token) : linuxLine(address, sha256, origin, token)
}

function linuxLine(address: string, sha256: string, origin: string, token: string): string {
  const insecure = origin.startsWith('https:') ? 'k' : ''
  const run = ['sudo sh ioc-agent-install.sh', origin, token].filter((part) => part !== '').join(' ')
  return `curl -fsS${insecure} ${address} -o ioc-agent-install.sh && echo '${sha256}  ioc-agent-install.sh' | sha256sum -c - && ${run}`
}

function windowsLine(address: string, sha256: string, origin: string, token: string): string {
  const run = ['.\\ioc-agent-install.ps1', '-Url', origin, ...(token === '' ? [] : ['-Token', token])].join(' ')
  return [
    "[Net.ServicePointManager]::SecurityProtocol = 'Tls12'",
    '[Net.ServicePointManager]::ServerCertificateValidationCallback = { $true }',
    `(New-Object Net.WebClient).DownloadFile('${address}', "$pwd\\ioc-agent-install.ps1")`,
    `if ((Get-FileHash ioc-agent-install.ps1).Hash -eq '${sha256}') { Set-ExecutionPolicy -Scope Process Bypass -Force; ${run} }`,
  ].join('; ')
}
