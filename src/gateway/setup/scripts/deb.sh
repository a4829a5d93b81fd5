command -v apt-get >/dev/null 2>&1 || [ -n "$root" ] || fail 'is for systems with apt; this is none'
detect "$(dpkg --print-architecture 2>/dev/null || true)"
say "setting up $place for $distro $codename"
fetch gpg.key "$work/key"
fetch "config.deb.txt?$system" "$work/list"
keyring=$(sed -n 's/^deb \[signed-by=\([^] ]*\)\].*/\1/p' "$work/list" | head -n 1)
case $keyring in
/etc/apt/keyrings/?*) put "$work/key" 644 "$keyring" ;;
*) fail 'was sent a source without a key' ;;
esac
if [ -n "$secret" ]; then
  printf 'machine %s login token password %s\n' "${base%/}" "$secret" >"$work/login"
  put "$work/login" 600 "/etc/apt/auth.conf.d/$name.conf"
fi
put "$work/list" 644 "/etc/apt/sources.list.d/$name.list"
if [ -z "$root" ]; then
  apt-get update \
    -o "Dir::Etc::SourceList=/etc/apt/sources.list.d/$name.list" -o Dir::Etc::SourceParts=- \
    -o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any
fi
say "$place is set up"
