import type { Format } from '../policy/types.ts'

/** How a customer's tools bring the secret: as a password, or in the path of each URL. */
export const FORMS = ['basic', 'path'] as const
export type Form = (typeof FORMS)[number]

/** What a customer is to write or to run. */
export interface Snippet {
  /** The file that it goes into, or how it is used. */
  readonly title: string
  /** Lines without a break at the end. */
  readonly text: string
}

/** Whom and what a snippet is for. Plain: nothing in it that a shell or a file of settings takes for its own. */
export interface SnippetPlace {
  /** What the repository is called in the customer's tools. */
  readonly name: string
  /** Empty where none is needed. */
  readonly secret: string
  /** Of the repository, without a slash at its end; in the form `path` with the secret. */
  readonly url: string
  /** With its port, if that is not the usual one. */
  readonly host: string
  /** What stands before the names of images. */
  readonly images: string
}

type Write = (place: SnippetPlace) => readonly Snippet[]

/** The one table of what customers write; null where the format's clients know no such form. docs/clients.md shows the same lines. */
export const SNIPPETS: Readonly<Record<Format, Readonly<Record<Form, Write | null>>>> = {
  deb: {
    basic: ({ url, secret }) => [shell(`curl -fsS -u token:${secret} ${url}/setup.deb.sh | sudo sh`)],
    path: ({ url }) => [shell(`curl -fsS ${url}/setup.deb.sh | sudo sh`)],
  },
  rpm: {
    basic: ({ url, secret }) => [shell(`curl -fsS -u token:${secret} ${url}/setup.rpm.sh | sudo sh`)],
    path: ({ url }) => [shell(`curl -fsS ${url}/setup.rpm.sh | sudo sh`)],
  },
  alpine: {
    basic: ({ url, secret }) => [
      shell(`wget -qO- --header 'X-Api-Key: ${secret}' ${url}/setup.alpine.sh | sh`),
    ],
    path: ({ url }) => [shell(`wget -qO- ${url}/setup.alpine.sh | sh`)],
  },
  npm: {
    basic: ({ name, url, secret }) => [
      file('.npmrc', `@${name}:registry=${url}/`, `${url.replace(/^https?:/, '')}/:_authToken=${secret}`),
    ],
    path: ({ name, url }) => [file('.npmrc', `@${name}:registry=${url}/`)],
  },
  python: {
    basic: ({ name, url, secret }) => [
      file('pip.conf', '[global]', `index-url = ${withLogin(url, secret)}/simple/`),
      shell(`poetry source add ${name} ${url}/simple/`, `poetry config http-basic.${name} token ${secret}`),
    ],
    path: ({ url }) => [file('pip.conf', '[global]', `index-url = ${url}/simple/`)],
  },
  maven: {
    basic: ({ name, url, secret }) => [
      file('pom.xml', mavenRepository(name, url)),
      file(
        '~/.m2/settings.xml',
        `<server><id>${name}</id><username>token</username><password>${secret}</password></server>`,
      ),
    ],
    path: ({ name, url }) => [file('pom.xml', mavenRepository(name, url))],
  },
  go: {
    basic: ({ host, url, secret }) => [
      file('~/.netrc', `machine ${host.replace(/:\d+$/, '')} login token password ${secret}`),
      shell(`export GOPROXY=${url},https://proxy.golang.org,direct`),
    ],
    path: ({ url }) => [shell(`export GOPROXY=${url},https://proxy.golang.org,direct`)],
  },
  docker: {
    basic: ({ host, images, secret }) => [
      shell(`docker login ${host} -u token --password-stdin <<< ${secret}`, `docker pull ${images}/tool:1.0`),
      shell(
        `helm registry login ${host} -u token -p ${secret}`,
        `helm pull oci://${images}/charts/widget --version 0.1.0`,
      ),
    ],
    path: null,
  },
  ruby: {
    basic: ({ url, secret }) => [
      file('Gemfile', `source "${url}/" do`, '  gem "acme-tool"', 'end'),
      shell(`bundle config set --global ${url}/ token:${secret}`),
      shell(`gem install acme-tool --source ${withLogin(url, secret)}/`),
    ],
    path: ({ url }) => [shell(`gem install acme-tool --source ${url}/`)],
  },
  composer: {
    basic: ({ name, host, url, secret }) => [
      file('composer.json', ...composerRepository(name, url)),
      shell(`composer config --global --auth http-basic.${host} token ${secret}`),
    ],
    path: ({ name, url }) => [file('composer.json', ...composerRepository(name, url))],
  },
  helm: {
    basic: ({ name, url, secret }) => [
      shell(`helm repo add ${name} ${url} --username token --password ${secret}`),
    ],
    path: ({ name, url }) => [shell(`helm repo add ${name} ${url}`)],
  },
  raw: {
    basic: ({ url, secret }) => [shell(`curl -fO -u token:${secret} ${url}/tool-1.0.tar.gz`)],
    path: ({ url }) => [shell(`curl -fO ${url}/tool-1.0.tar.gz`)],
  },
  cargo: {
    basic: ({ name, url, secret }) => [
      file(
        '.cargo/config.toml',
        `[registries.${name}]`,
        `index = "sparse+${url}/index/"`,
        '[registry]',
        'global-credential-providers = ["cargo:token"]',
      ),
      shell(`export CARGO_REGISTRIES_${variable(name)}_TOKEN=${secret}`),
    ],
    path: ({ name, url }) => [
      file('.cargo/config.toml', `[registries.${name}]`, `index = "sparse+${url}/index/"`),
    ],
  },
  nuget: {
    basic: ({ name, url, secret }) => [
      shell(
        `dotnet nuget add source ${url}/v3/index.json --name ${name} \\`,
        `  --username token --password ${secret} --store-password-in-clear-text`,
      ),
    ],
    path: ({ name, url }) => [shell(`dotnet nuget add source ${url}/v3/index.json --name ${name}`)],
  },
  conda: {
    basic: ({ url, secret }) => [file('~/.condarc', 'channels:', `  - ${withLogin(url, secret)}`)],
    path: ({ url, secret }) => [
      file(
        '~/.condarc',
        'channels:',
        `  - ${secret === '' ? url : url.replace(`/${secret}`, `/t/${secret}`)}`,
      ),
    ],
  },
  terraform: {
    basic: ({ host, url, secret }) => [
      file('~/.terraformrc', `credentials "${host}" {`, `  token = "${secret}"`, '}'),
      // At a host of its own, it is found without.
      ...(url.endsWith('/basic') ? [] : [file('~/.terraformrc', ...terraformHost(host, url))]),
    ],
    path: ({ host, url }) => [file('~/.terraformrc', ...terraformHost(host, url))],
  },
  arch: {
    basic: ({ name, url, secret }) => [
      file('/etc/pacman.conf', `[${name}]`, `Server = ${withLogin(url, secret)}/$arch`),
    ],
    path: ({ name, url }) => [file('/etc/pacman.conf', `[${name}]`, `Server = ${url}/$arch`)],
  },
  cran: {
    basic: ({ name, url, secret }) => [
      file(
        '~/.Rprofile',
        `options(repos = c(${quotedName(name)} = "${withLogin(url, secret)}", getOption("repos")))`,
      ),
    ],
    path: ({ name, url }) => [
      file('~/.Rprofile', `options(repos = c(${quotedName(name)} = "${url}", getOption("repos")))`),
    ],
  },
  luarocks: {
    basic: ({ url, secret }) => [shell(`luarocks install --server=${withLogin(url, secret)} acme-tool`)],
    path: ({ url }) => [shell(`luarocks install --server=${url} acme-tool`)],
  },
  hex: {
    basic: ({ name, url, secret }) => [
      shell(
        `curl -fO -u token:${secret} ${url}/public_key`,
        `mix hex.repo add ${name} ${url} --public-key public_key --auth-key ${secret}`,
      ),
    ],
    path: ({ name, url }) => [
      shell(`curl -fO ${url}/public_key`, `mix hex.repo add ${name} ${url} --public-key public_key`),
    ],
  },
  dart: {
    basic: ({ url, secret }) => [
      shell(`echo ${secret} | dart pub token add ${url}`),
      file('pubspec.yaml', 'dependencies:', '  acme_tool:', `    hosted: ${url}`, '    version: ^1.0.0'),
    ],
    path: ({ url }) => [
      file('pubspec.yaml', 'dependencies:', '  acme_tool:', `    hosted: ${url}`, '    version: ^1.0.0'),
    ],
  },
  swift: {
    basic: ({ name, host, url, secret }) => [
      file('~/.netrc', `machine ${host.replace(/:\d+$/, '')} login token password ${secret}`),
      file(
        '.swiftpm/configuration/registries.json',
        '{',
        '  "version": 1,',
        `  "registries": { "${name}": { "url": "${url}" } },`,
        `  "authentication": { "${host}": { "type": "basic" } }`,
        '}',
      ),
    ],
    path: ({ name, url }) => [shell(`swift package-registry set ${url} --scope ${name}`)],
  },
  vagrant: {
    // Vagrant would send a login for the metadata only, and not for the box.
    basic: null,
    path: ({ name, url }) => [
      file(
        'Vagrantfile',
        `config.vm.box = "${name}/debian"`,
        `config.vm.box_url = "${url}/${name}/debian.json"`,
      ),
    ],
  },
  conan: {
    basic: ({ name, url, secret }) => [
      shell(`conan remote add ${name} ${url}`, `conan remote login ${name} token -p ${secret}`),
    ],
    path: ({ name, url }) => [shell(`conan remote add ${name} ${url}`)],
  },
  huggingface: {
    basic: ({ url, secret }) => [shell(`export HF_ENDPOINT=${url}`, `export HF_TOKEN=${secret}`)],
    path: ({ url }) => [shell(`export HF_ENDPOINT=${url}`)],
  },
}

/** What is written where everybody may read: as if the secret were in the URL, only that there is none. */
export function openSnippets(format: Format, place: SnippetPlace): readonly Snippet[] {
  if (format === 'docker') return [shell(`docker pull ${place.images}/tool:1.0`)]
  return SNIPPETS[format].path?.(place) ?? []
}

function shell(...lines: readonly string[]): Snippet {
  return { title: 'Run', text: lines.join('\n') }
}

function file(name: string, ...lines: readonly string[]): Snippet {
  return { title: name, text: lines.join('\n') }
}

function withLogin(url: string, secret: string): string {
  return url.replace('://', `://token:${secret}@`)
}

/** As cargo makes one of a registry's name. */
function variable(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')
}

/** As R takes one with any character. */
function quotedName(name: string): string {
  return `\`${name}\``
}

function terraformHost(host: string, url: string): readonly string[] {
  return [
    `host "${host}" {`,
    '  services = {',
    `    "modules.v1"   = "${url}/v1/modules/"`,
    `    "providers.v1" = "${url}/v1/providers/"`,
    '  }',
    '}',
  ]
}

function mavenRepository(name: string, url: string): string {
  return `<repository><id>${name}</id><url>${url}</url></repository>`
}

function composerRepository(name: string, url: string): readonly string[] {
  return [
    '{',
    '  "repositories": [',
    `    { "type": "composer", "url": "${url}", "only": ["${name}/*"] }`,
    '  ]',
    '}',
  ]
}
