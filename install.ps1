# Installs SmallCode on Windows: one file, no Node, no administrator.
#
#   irm https://raw.githubusercontent.com/smallcode/smallcode/main/install.ps1 | iex
#   .\install.ps1               download, check SHA-256, install to %LOCALAPPDATA%\smallcode
#   .\install.ps1 -Uninstall    remove the program; sessions and configuration stay
#
# SMALLCODE_RELEASE_URL  where the files lie (https://, http:// or file://); default: the newest release
# SMALLCODE_BIN_DIR      where to install; default: %LOCALAPPDATA%\smallcode
param([switch]$Uninstall)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue' # the progress bar makes downloads many times slower in Windows PowerShell

function Get-Setting([string]$Name, [string]$Default) {
  $value = [Environment]::GetEnvironmentVariable($Name)
  if ($value) { $value } else { $Default }
}

$release = (Get-Setting 'SMALLCODE_RELEASE_URL' 'https://github.com/smallcode/smallcode/releases/latest/download').TrimEnd('/')
$bin = Get-Setting 'SMALLCODE_BIN_DIR' (Join-Path $env:LOCALAPPDATA 'smallcode')
$program = Join-Path $bin 'smallcode.exe'

function Get-ReleaseFile([string]$Name, [string]$Path) {
  if ($release.StartsWith('file://')) {
    Copy-Item -LiteralPath (Join-Path ([Uri]$release).LocalPath $Name) -Destination $Path
  } else {
    Invoke-WebRequest -UseBasicParsing -Uri "$release/$Name" -OutFile $Path
  }
}

function Get-Sum([string]$Path) {
  (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash.ToLowerInvariant()
}

function Get-ListedSum([string]$Name, [string]$Path) {
  foreach ($line in Get-Content -LiteralPath $Path) {
    $sum, $file = $line.Trim() -split '\s+', 2
    if ($file -and $file.TrimStart('*') -eq $Name) { return $sum.ToLowerInvariant() }
  }
  throw "SHA256SUMS of $release names no $Name"
}

function Get-UserPath {
  @([Environment]::GetEnvironmentVariable('Path', 'User') -split ';' | Where-Object { $_ })
}

function Set-UserPath([string[]]$Folders) {
  [Environment]::SetEnvironmentVariable('Path', ($Folders -join ';'), 'User')
}

function Install-SmallCode {
  # Windows on ARM runs the x64 program.
  $name = 'smallcode-windows-x64.exe'
  New-Item -ItemType Directory -Force -Path $bin | Out-Null
  $work = Join-Path $bin ('.install-' + [Guid]::NewGuid().ToString('N'))
  New-Item -ItemType Directory -Path $work | Out-Null
  try {
    $sums = Join-Path $work 'SHA256SUMS'
    Get-ReleaseFile 'SHA256SUMS' $sums
    $want = Get-ListedSum $name $sums
    if ((Test-Path -LiteralPath $program) -and ((Get-Sum $program) -eq $want)) {
      Write-Output "SmallCode is installed already and up to date: $program"
    } else {
      $download = Join-Path $work $name
      Get-ReleaseFile $name $download
      $got = Get-Sum $download
      if ($got -ne $want) { throw "checksum mismatch, nothing was installed: $name is $got, SHA256SUMS says $want" }
      Move-Item -Force -LiteralPath $download -Destination $program
      Write-Output "Installed $program"
    }
  } finally {
    Remove-Item -Recurse -Force -LiteralPath $work
  }
  if ((Get-UserPath) -notcontains $bin) {
    Set-UserPath (@(Get-UserPath) + $bin)
    Write-Output "Added $bin to your PATH. Open a new terminal and try: smallcode demo"
  }
}

function Uninstall-SmallCode {
  Set-UserPath @(Get-UserPath | Where-Object { $_ -ne $bin })
  if (Test-Path -LiteralPath $program) {
    Remove-Item -Force -LiteralPath $program
    Write-Output "Removed $program. Configuration and sessions were kept."
  } else {
    Write-Output "Nothing to remove: there is no $program"
  }
}

if ($Uninstall) { Uninstall-SmallCode } else { Install-SmallCode }
