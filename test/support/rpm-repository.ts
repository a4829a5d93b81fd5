import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrFail } from './processes.ts'
import { createSigningKey } from './signing-key.ts'

const VERSIONS = ['1.0-1', '2.0-1'] as const

/**
 * Builds a repository with signed metadata in `directory`/rpm: `hello-postern` 1.0-1 and 2.0-1, each in need of
 * `hello-postern-libs` of the same version, and `plain-demo`. Every package installs `/usr/share/NAME/version`.
 */
export async function buildRpmRepository(directory: string): Promise<void> {
  await using key = await createSigningKey()
  const root = join(directory, 'rpm')
  const build = join(directory, 'rpmbuild')
  await Promise.all([root, build].map((each) => mkdir(each, { recursive: true })))
  await Promise.all(VERSIONS.map((each) => buildPackages(each, root, build)))
  await runOrFail('createrepo_c', ['--quiet', '--no-database', '--workers', '2', root])
  const repomd = join(root, 'repodata/repomd.xml')
  await key.detachSign(repomd, `${repomd}.asc`)
  await key.exportTo(join(root, 'key.asc'))
}

async function buildPackages(version: string, root: string, build: string): Promise<void> {
  const spec = join(build, `hello-${version}.spec`)
  await writeFile(spec, specification(version))
  const macros = {
    _topdir: join(build, version),
    _rpmdir: join(root, 'Packages'),
    _build_name_fmt: '%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm',
    _binary_payload: 'w1.gzdio',
    _dbpath: join(build, version, 'db'),
  }
  const options = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  await runOrFail('rpmbuild', ['-bb', '--quiet', ...options, spec])
}

function specification(full: string): string {
  const [version, release] = full.split('-')
  const names = ['hello-postern', 'hello-postern-libs', 'plain-demo']
  const write = (name: string): string =>
    `mkdir -p %{buildroot}/usr/share/${name} && echo ${full} > %{buildroot}/usr/share/${name}/version`
  return `Name: hello-postern
Version: ${version}
Release: ${release}
Summary: test package
License: Apache-2.0
BuildArch: noarch
Requires: hello-postern-libs = ${full}
AutoReqProv: no
%description
test package
%package libs
Summary: test package
AutoReqProv: no
%description libs
test package
%package -n plain-demo
Summary: test package
AutoReqProv: no
%description -n plain-demo
test package
%prep
%build
%install
${names.map(write).join('\n')}
%files
/usr/share/hello-postern
%files libs
/usr/share/hello-postern-libs
%files -n plain-demo
/usr/share/plain-demo
`
}
