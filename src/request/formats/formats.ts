import type { Format } from '../../policy/types.ts'
import { alpine } from './alpine.ts'
import { arch } from './arch.ts'
import { composer } from './composer.ts'
import { cargo } from './cargo.ts'
import { conda } from './conda.ts'
import { conan } from './conan.ts'
import type { FormatRules } from './contract.ts'
import { cran } from './cran.ts'
import { dart } from './dart.ts'
import { deb } from './deb.ts'
import { docker } from './docker.ts'
import { go } from './go.ts'
import { helm } from './helm.ts'
import { hex } from './hex.ts'
import { huggingface } from './huggingface.ts'
import { luarocks } from './luarocks.ts'
import { maven } from './maven.ts'
import { npm } from './npm.ts'
import { nuget } from './nuget.ts'
import { python } from './python.ts'
import { raw } from './raw.ts'
import { rpm } from './rpm.ts'
import { ruby } from './ruby.ts'
import { terraform } from './terraform.ts'
import { swift } from './swift.ts'
import { vagrant } from './vagrant.ts'

/** The one table of formats in this layer. */
export const FORMAT_RULES: Readonly<Record<Format, FormatRules>> = {
  deb,
  rpm,
  npm,
  raw,
  python,
  maven,
  go,
  alpine,
  docker,
  ruby,
  composer,
  helm,
  cargo,
  nuget,
  conda,
  terraform,
  arch,
  cran,
  luarocks,
  hex,
  dart,
  swift,
  vagrant,
  conan,
  huggingface,
}
