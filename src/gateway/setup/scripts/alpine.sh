# Above it stands besides: key_name.
command -v apk >/dev/null 2>&1 || [ -n "$root" ] || fail 'is for systems with apk; this is none'
detect "$(apk --print-arch 2>/dev/null || uname -m)"
say "setting up $place for $distro $version"
fetch rsa.key "$work/key"
fetch "config.alpine.txt?$system" "$work/line"
put "$work/key" 644 "/etc/apk/keys/$key_name"
# A line from before goes: it may hold a secret that was replaced.
mark="# $name, set up by Postern"
[ ! -e "$root/etc/apk/repositories" ] || cp "$root/etc/apk/repositories" "$work/before"
[ -e "$work/before" ] || : >"$work/before"
awk -v mark="$mark" 'skips { skips = 0; next } $0 == mark { skips = 1; next } { print }' \
  "$work/before" >"$work/repositories"
{
  say "$mark"
  head -n 1 "$work/line"
} >>"$work/repositories"
put "$work/repositories" 644 /etc/apk/repositories
[ -n "$root" ] || apk update
say "$place is set up"
