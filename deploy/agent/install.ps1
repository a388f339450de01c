# Installs the edge agent on Windows, as administrator. Version and checksums were written by "npm run agent:bundle".
#
#   install.ps1 -Url URL [-Token TOKEN] [-Name NAME]
#   install.ps1 -Uninstall [-Name NAME] [-Purge]
param([string]$Url, [string]$Token, [string]$Name, [switch]$Uninstall, [switch]$Purge)
$ErrorActionPreference = 'Stop'
$version = '@VERSION@'
$checksums = @'
@CHECKSUMS@
'@

if ($Name -cmatch '[^a-z0-9-]') { throw "a name has letters a-z, digits and - only: $Name" }
$service = if ($Name) { "ioc-agent-$Name" } else { 'ioc-agent' }
$dir = Join-Path $env:ProgramFiles $service
$data = Join-Path $env:ProgramData $service
$wrapper = Join-Path $dir 'ioc-agent-service.exe'

if ($Uninstall) {
  if (Test-Path $wrapper) { & $wrapper stop; & $wrapper uninstall }
  # Versions that came by update belong to the program, not to the data.
  foreach ($one in $dir, (Join-Path $data 'versions')) { if (Test-Path $one) { Remove-Item -Recurse -Force $one } }
  if ($Purge -and (Test-Path $data)) { Remove-Item -Recurse -Force $data }
  Write-Output "$service removed"
  exit 0
}

if (-not $Url) { throw 'the address of the centre is missing, such as https://10.0.0.5:8080' }
if (-not [Environment]::Is64BitOperatingSystem) { throw 'a 64-bit Windows is required' }
$Url = $Url.TrimEnd('/')
$file = "ioc-agent-$version-win-x64.zip"
$line = ($checksums -split "`n") | Where-Object { $_.Trim().EndsWith("  $file") }
if (-not $line) { throw 'the centre has no bundle for Windows' }
$checksum = $line.Trim().Split(' ')[0]

$work = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid())
New-Item -ItemType Directory $work | Out-Null
try {
  # The checksum proves what was downloaded, so that the certificate of the centre need not be known here.
  [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12
  [Net.ServicePointManager]::ServerCertificateValidationCallback = { $true }
  (New-Object Net.WebClient).DownloadFile("$Url/agent/$file", (Join-Path $work $file))
  if ((Get-FileHash (Join-Path $work $file) -Algorithm SHA256).Hash -ne $checksum) { throw 'the download is damaged: its checksum is wrong' }
  if (Test-Path $wrapper) { & $wrapper stop }
  # What is installed by hand replaces what came by update.
  foreach ($one in (Join-Path $dir 'lib'), (Join-Path $data 'versions')) {
    if (Test-Path $one) { Remove-Item -Recurse -Force $one }
  }
  Expand-Archive (Join-Path $work $file) $work
  New-Item -ItemType Directory -Force $dir, $data | Out-Null
  Copy-Item -Recurse -Force (Join-Path $work "ioc-agent-$version-win-x64\*") $dir
} finally {
  Remove-Item -Recurse -Force $work
}
# Administrators and the service read the credential, and nobody else: S-1-5-32-544 and S-1-5-19 are their identifiers.
& icacls $data /inheritance:r /grant '*S-1-5-32-544:(OI)(CI)F' '*S-1-5-18:(OI)(CI)F' '*S-1-5-19:(OI)(CI)M' | Out-Null
Set-Content -Encoding ascii (Join-Path $dir 'agent.env') "IOC_DATA_DIR=$data"
$arguments = @('enrol', $Url) + $(if ($Token) { $Token } else { @() })
& (Join-Path $dir 'ioc-agent.cmd') @arguments
if ($LASTEXITCODE -ne 0) {
  $code = $LASTEXITCODE
  # A machine that was enrolled before goes on measuring.
  if (Get-Service $service -ErrorAction SilentlyContinue) { & $wrapper start }
  exit $code
}
$xml = Get-Content -Raw (Join-Path $dir 'service\ioc-agent-service.xml')
$xml = $xml.Replace('@NAME@', $service).Replace('@DIR@', $dir).Replace('@DATA@', $data)
Set-Content -Encoding utf8 (Join-Path $dir 'ioc-agent-service.xml') $xml
if (-not (Get-Service $service -ErrorAction SilentlyContinue)) { & $wrapper install }
# Not as the system's own account.
& sc.exe config $service obj= 'NT AUTHORITY\LocalService' | Out-Null
& $wrapper start
Write-Output "$service $version is installed in $dir"
