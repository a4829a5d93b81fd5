# What all scripts begin with. Above it stand: place, base, login, secret, name.
set -eu

say() {
  printf '%s\n' "$*"
}

fail() {
  printf 'postern: %s\n' "$*" >&2
  exit 1
}

usage() {
  say "Sets this machine up for $place. Options for the shell that runs this:"
  say '  distro=debian codename=bookworm version=12 arch=amd64   where this system is to pass for another one'
  say '  POSTERN_ROOT=/mnt/image                                 where the root of the system is not /'
}

case ${1-} in
'') ;;
-h | --help)
  usage
  exit 0
  ;;
*) fail "knows no option $1; -h tells what there is" ;;
esac

root=${POSTERN_ROOT-}
[ -n "$root" ] || [ "$(id -u)" = 0 ] || fail 'has to be run by root: put sudo before the shell that runs this'
[ -z "$root" ] || [ -d "$root" ] || fail "finds no folder $root"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fetch PATH FILE: takes a file of the repository, or says why it may not.
fetch() {
  if command -v curl >/dev/null 2>&1; then
    fetch_with_curl "$1" "$2"
  elif command -v wget >/dev/null 2>&1; then
    fetch_with_wget "$1" "$2"
  else
    fail 'needs curl or wget'
  fi
}

# What stands on a command line, everybody on the machine can read; what comes on the standard input, nobody.
fetch_with_curl() {
  if ! status=$({
    printf 'url = "%s"\n' "$base$1"
    [ -z "$login" ] || printf 'user = "%s"\n' "$login"
  } | curl --config - --silent --show-error --connect-timeout 20 --max-time 120 --globoff \
    --header 'Accept: text/plain' --output "$2" --write-out '%{http_code}'); then
    fail "could not reach $place"
  fi
  [ "$status" = 200 ] || fail "gets no ${1%%\?*}: $(head -n 1 "$2")"
}

fetch_with_wget() {
  if [ -z "$secret" ]; then
    wget -O "$2" "$base$1" 2>"$work/said" || refused "$1"
  else
    wget -O "$2" --header "X-Api-Key: $secret" "$base$1" 2>"$work/said" || refused "$1"
  fi
}

refused() {
  printf '%s\n' "$(sed -n '/rror/p' "$work/said" | tail -n 1)" >&2
  fail "gets no ${1%%\?*}"
}

# value_of NAME: what the system says of itself (os-release(5)).
value_of() {
  for release in "$root/etc/os-release" "$root/usr/lib/os-release"; do
    [ ! -r "$release" ] || {
      sed -n "s/^$1=//p" "$release" | head -n 1 | tr -d "\"'"
      return
    }
  done
}

# detect ARCHITECTURE: which system this is, unless that was said.
detect() {
  distro=${distro:-${os:-$(value_of ID)}}
  codename=${codename:-${dist:-$(value_of VERSION_CODENAME)}}
  version=${version:-$(value_of VERSION_ID)}
  arch=${arch:-$1}
  [ -n "$distro" ] || fail 'can not tell which system this is: set distro, codename, version and arch'
  for each in "$distro" "$codename" "$version" "$arch"; do
    case $each in *[!A-Za-z0-9._-]*) fail "does not understand the name $each" ;; esac
  done
  system="distro=$distro&codename=$codename&version=$version&arch=$arch"
}

# put FILE MODE PATH: moves a file to where it is to lie, all at once.
put() {
  [ -d "$root${3%/*}" ] || (umask 022 && mkdir -p "$root${3%/*}")
  (umask 077 && cp "$1" "$root$3.part")
  chmod "$2" "$root$3.part"
  mv -f "$root$3.part" "$root$3"
  say "wrote $root$3"
}
