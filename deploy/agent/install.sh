#!/bin/sh
# Installs the edge agent. Version and checksums were written by "npm run agent:bundle".
#
#   sh install.sh URL [TOKEN] [--name NAME] [--dir DIR]
#   sh install.sh --uninstall [--name NAME] [--dir DIR] [--purge]
#
# URL and TOKEN come from the page "Trạm" of the centre; without TOKEN an administrator accepts the code that is shown.
# --name allows several agents on one machine. --dir installs into one folder, without a service and without root.
# --purge removes the data too: the credential, and messages that are not sent yet.
set -eu

version='@VERSION@'
checksums='@CHECKSUMS@'

fail() {
  echo "ioc-agent: $*" >&2
  exit 1
}

name=ioc-agent dir='' url='' token='' uninstall='' purge=''
while [ $# -gt 0 ]; do
  case "$1" in
  --name) name="ioc-agent-${2:?}" && shift ;;
  --dir) dir="${2:?}" && shift ;;
  --uninstall) uninstall=yes ;;
  --purge) purge=yes ;;
  -*) fail "unknown option $1" ;;
  *) if [ -z "$url" ]; then url="$1"; else token="$1"; fi ;;
  esac
  shift
done
case "$name" in *[!a-z0-9-]*) fail "a name has letters a-z, digits and - only: $name" ;; esac

if [ -n "$dir" ]; then
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  data="$dir/data" service=none user=$(id -un)
else
  [ "$(id -u)" = 0 ] || fail 'run it as root (sudo), or with --dir DIR to install without a service'
  dir="/opt/$name" data="/var/lib/$name" user=ioc-agent
  if [ -d /run/systemd/system ]; then service=systemd
  elif [ -d /etc/init.d ]; then service=sysv
  else fail 'neither systemd nor SysV init was found: use --dir DIR'
  fi
fi

stop_service() {
  case "$service" in
  systemd) systemctl disable --now "$name" 2>/dev/null || true ;;
  sysv) if [ -x "/etc/init.d/$name" ]; then "/etc/init.d/$name" stop; fi ;;
  none) if [ -x "$dir/$name.init" ]; then "$dir/$name.init" stop; fi ;;
  esac
}

if [ -n "$uninstall" ]; then
  [ -x "$dir/ioc-agent" ] || fail "there is no agent in $dir"
  stop_service
  case "$service" in
  systemd) rm -f "/etc/systemd/system/$name.service" && systemctl daemon-reload ;;
  sysv)
    if command -v update-rc.d >/dev/null; then update-rc.d -f "$name" remove >/dev/null; fi
    rm -f "/etc/init.d/$name"
    ;;
  none) ;;
  esac
  rm -rf "$dir/lib" "$dir/node" "$dir/ioc-agent" "$dir/service" "$dir/LICENSES.txt" "$dir/release-key.pem" \
    "$dir/agent.env" "$dir/$name.init" "$dir/install.sh"
  # Versions that came by update belong to the program, not to the data.
  rm -rf "$data/versions"
  if [ -n "$purge" ]; then rm -rf "$data"; fi
  rmdir "$dir" 2>/dev/null || true
  if [ -n "$purge" ]; then echo "$name removed"; else echo "$name removed; its data stays in $data (--purge removes it)"; fi
  exit 0
fi

[ -n "$url" ] || fail 'the address of the centre is missing, such as https://10.0.0.5:8080'
url="${url%/}"

[ "$(uname -s)" = Linux ] || fail "this installer is for Linux, not for $(uname -s)"
case "$(uname -m)" in
x86_64 | amd64) platform=linux-x64 ;;
aarch64 | arm64) platform=linux-arm64 ;;
arm*) platform=arm32 ;;
*) fail "there is no agent for the processor $(uname -m)" ;;
esac
# A 64-bit kernel may run a 32-bit system.
if [ "$platform" = linux-arm64 ] && [ "$(getconf LONG_BIT 2>/dev/null || echo 64)" = 32 ]; then platform=arm32; fi
[ "$platform" != arm32 ] || fail 'cần Raspberry Pi OS 64-bit (32-bit ARM is not supported: install the 64-bit system)'

file="ioc-agent-$version-$platform.tar.gz"
checksum=$(echo "$checksums" | sed -n "s/^\([0-9a-f]*\)  $file\$/\1/p")
[ -n "$checksum" ] || fail "the centre has no bundle for $platform"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The checksum proves what was downloaded, so that the certificate of the centre need not be known here.
if command -v curl >/dev/null; then
  curl -fsSk "$url/agent/$file" -o "$work/$file" || fail "cannot download $url/agent/$file"
elif command -v wget >/dev/null; then
  wget -q --no-check-certificate "$url/agent/$file" -O "$work/$file" || fail "cannot download $url/agent/$file"
else
  fail 'curl or wget is required'
fi
echo "$checksum  $work/$file" | sha256sum -c - >/dev/null 2>&1 || fail 'the download is damaged: its checksum is wrong'

if [ "$service" != none ]; then
  id "$user" >/dev/null 2>&1 || useradd --system --home-dir "$data" --no-create-home --shell /usr/sbin/nologin "$user"
  mkdir -p "$dir" "$data"
  chmod 750 "$data"
  chown "$user:" "$data"
fi
mkdir -p "$data"
stop_service
# What is installed by hand replaces what came by update.
rm -rf "$data/versions" "$dir/lib"
tar -xzf "$work/$file" -C "$dir" --strip-components=1 --no-same-owner
echo "IOC_DATA_DIR='$data'" >"$dir/agent.env"
cp "$0" "$dir/install.sh" 2>/dev/null || true

fill() {
  sed -e "s|@NAME@|$name|g" -e "s|@DIR@|$dir|g" -e "s|@DATA@|$data|g" -e "s|@USER@|$user|g" "$dir/service/$1" >"$2"
}

start_service() {
  case "$service" in
  systemd)
    fill ioc-agent.service "/etc/systemd/system/$name.service"
    systemctl daemon-reload
    systemctl enable --now "$name"
    ;;
  sysv)
    fill ioc-agent.init "/etc/init.d/$name"
    chmod 755 "/etc/init.d/$name"
    if command -v update-rc.d >/dev/null; then update-rc.d "$name" defaults; fi
    "/etc/init.d/$name" start
    ;;
  none)
    fill ioc-agent.init "$dir/$name.init"
    chmod 755 "$dir/$name.init"
    "$dir/$name.init" start
    echo "$name runs until the machine restarts; start it again with $dir/$name.init start"
    ;;
  esac
}

enrol() {
  set -- enrol "$url" ${token:+"$token"}
  if [ "$service" = none ]; then
    "$dir/ioc-agent" "$@"
  else
    # As its own user, who owns the credential.
    su -s /bin/sh -c '"$0" "$@"' "$user" -- "$dir/ioc-agent" "$@"
  fi
}

if ! enrol; then
  # A machine that was enrolled before goes on measuring.
  if [ -e "$data/credentials/agent.json" ]; then
    start_service
    fail 'the machine is not enrolled anew: its agent runs as it was enrolled before'
  fi
  exit 1
fi
start_service
echo "$name $version is installed in $dir; its state: $dir/ioc-agent status"
