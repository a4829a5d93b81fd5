import { FORMATS } from '../../policy/formats.ts'
import type { Format } from '../../policy/types.ts'
import { choice } from '../schema-parts.ts'
import type { z } from 'zod'

/** Words that other tools use for our formats. */
const FORMAT_SYNONYMS: Readonly<Record<string, Format>> = {
  apt: 'deb',
  debian: 'deb',
  yum: 'rpm',
  dnf: 'rpm',
  node: 'npm',
  generic: 'raw',
  pip: 'python',
  pypi: 'python',
  mvn: 'maven',
  gradle: 'maven',
  golang: 'go',
  goproxy: 'go',
  apk: 'alpine',
  rust: 'cargo',
  crates: 'cargo',
  dotnet: 'nuget',
  chocolatey: 'nuget',
  powershell: 'nuget',
  mamba: 'conda',
  anaconda: 'conda',
  opentofu: 'terraform',
  tofu: 'terraform',
  oci: 'docker',
  container: 'docker',
  containers: 'docker',
  gem: 'ruby',
  rubygems: 'ruby',
  bundler: 'ruby',
  php: 'composer',
  packagist: 'composer',
  chart: 'helm',
  charts: 'helm',
  chartmuseum: 'helm',
  pacman: 'arch',
  archlinux: 'arch',
  r: 'cran',
  lua: 'luarocks',
  rocks: 'luarocks',
  elixir: 'hex',
  erlang: 'hex',
  mix: 'hex',
  pub: 'dart',
  flutter: 'dart',
  spm: 'swift',
  swiftpm: 'swift',
  box: 'vagrant',
  boxes: 'vagrant',
  hf: 'huggingface',
}

export function format(): z.ZodType<Format, Format> {
  return choice(FORMATS, FORMAT_SYNONYMS).meta({ description: 'What is in it.' })
}
