command -v rpm >/dev/null 2>&1 || [ -n "$root" ] || fail 'is for systems with rpm; this is none'
detect "$(uname -m)"
say "setting up $place for $distro $version"
fetch gpg.key "$work/key"
fetch "config.rpm.txt?$system" "$work/repo"
if [ -n "$root" ]; then
  rpm --root "$root" --import "$work/key"
else
  rpm --import "$work/key"
fi
manager=
for each in dnf microdnf yum zypper; do
  [ -n "$manager" ] || ! command -v "$each" >/dev/null 2>&1 || manager=$each
done
if [ "$manager" = zypper ]; then
  if [ -n "$secret" ]; then
    printf 'username=token\npassword=%s\n' "$secret" >"$work/login"
    put "$work/login" 600 "/etc/zypp/credentials.d/$name"
    # zypper knows no password in this file.
    sed -e '/^username=/d' -e '/^password=/d' -e "s/^baseurl=.*/&?credentials=$name/" \
      -e "s/^gpgkey=.*/&?credentials=$name/" "$work/repo" >"$work/zypp"
    mv "$work/zypp" "$work/repo"
  fi
  put "$work/repo" 600 "/etc/zypp/repos.d/$name.repo"
else
  put "$work/repo" 600 "/etc/yum.repos.d/$name.repo"
fi
if [ -z "$root" ]; then
  case $manager in
  zypper) zypper --non-interactive --gpg-auto-import-keys refresh "$name" ;;
  dnf | microdnf | yum) "$manager" --assumeyes '--disablerepo=*' "--enablerepo=$name" makecache ;;
  *) fail 'finds none of dnf, microdnf, yum and zypper' ;;
  esac
fi
say "$place is set up"
