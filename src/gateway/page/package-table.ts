import { markup, type Html } from './html.ts'
import { MOST_NAMED, type KnownPackage, type KnownPackages } from './known-packages.ts'

const TITLES: Readonly<Record<KnownPackages['source'], readonly [title: string, none: string]>> = {
  storage: ['Packages', 'There are none that this token covers.'],
  downloads: ['Packages', 'None are known yet: packages are named here once somebody has downloaded them.'],
  own_downloads: ['Packages that you downloaded', 'None so far.'],
}

/** What is in the repository, as far as it may be told. */
export function namePackages({ source, packages, isCut }: KnownPackages): Html {
  const [title, none] = TITLES[source]
  if (packages.length === 0) return markup`<h2>${title}</h2>\n<p>${none}</p>`
  const more = isCut ? ` There are more; ${Math.min(packages.length, MOST_NAMED)} are named.` : ''
  const free = source === 'storage' ? ' Whoever follows a link downloads the file, which counts.' : ''
  return markup`<h2>${title}</h2>
<table>
<caption>What can be fetched here.${more}${free}</caption>
<thead><tr><th scope="col">Package</th><th scope="col">Version</th><th scope="col">File</th></tr></thead>
<tbody>
${packages.map(row)}</tbody>
</table>`
}

function row({ name, version, filename, path }: KnownPackage): Html {
  const file = path === undefined ? markup`${filename}` : markup`<a href="${hrefOf(path)}">${filename}</a>`
  return markup`<tr><th scope="row">${name === '' ? filename : name}</th><td>${version}</td><td>${file}</td></tr>
`
}

/** The page lies at the root of the repository. The dot keeps a name with a colon from being taken for a scheme. */
function hrefOf(path: string): string {
  return `./${path.split('/').map(encodeURIComponent).join('/')}`
}
