import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrFail, temporaryDirectory } from './processes.ts'

/** Gems by the names of their files; what they are in need of. */
const GEMS: readonly (readonly [name: string, version: string, needs?: string])[] = [
  ['acme-tool', '1.0.0', 'acme-lib'],
  ['acme-tool', '1.1.0', 'acme-lib'],
  ['acme-tool', '2.0.0', 'acme-lib'],
  ['acme-lib', '0.1.0'],
  ['plain-demo', '1.0.0'],
]

/** Builds gems, the compact index and the old one, as a server of gems has them, with RubyGems' own means. */
const BUILD = `
require 'rubygems/package'
require 'digest'
require 'fileutils'
require 'json'
require 'zlib'

root = ARGV[0]
FileUtils.mkdir_p(%w[gems info quick/Marshal.4.8].map { |folder| File.join(root, folder) })
write = ->(path, content) { File.binwrite(File.join(root, path), content) }

specs = JSON.parse(ARGV[1]).map do |name, version, needs|
  file = "lib/#{name.tr('-', '_')}.rb"
  FileUtils.mkdir_p('lib')
  File.write(file, "ACME_VERSION = '#{version}'\\n")
  spec = Gem::Specification.new do |s|
    s.name, s.version, s.files = name, version, [file]
    s.summary, s.authors, s.license, s.homepage = 'A test', ['Acme'], 'Apache-2.0', 'https://example.com'
    s.add_runtime_dependency(needs, '>= 0.1') if needs
  end
  FileUtils.mv(Gem::Package.build(spec, true), File.join(root, 'gems'))
  write.("quick/Marshal.4.8/#{spec.full_name}.gemspec.rz", Zlib.deflate(Marshal.dump(spec)))
  spec
end

lines = specs.group_by(&:name).map do |name, versions|
  info = versions.map do |spec|
    needs = spec.dependencies.map { |each| "#{each.name}:#{each.requirement}" }.join(',')
    digest = Digest::SHA256.file(File.join(root, 'gems', spec.file_name)).hexdigest
    "#{spec.version} #{needs}|checksum:#{digest}\\n"
  end
  content = "---\\n" + info.join
  write.("info/#{name}", content)
  "#{name} #{versions.map(&:version).join(',')} #{Digest::MD5.hexdigest(content)}\\n"
end
write.('versions', "created_at: 2026-01-01T00:00:00Z\\n---\\n" + lines.join)
write.('names', "---\\n" + specs.map(&:name).uniq.sort.map { |name| "#{name}\\n" }.join)

index = ->(list) { Marshal.dump(list.map { |spec| [spec.name, spec.version, spec.original_platform] }) }
{ 'specs' => specs, 'latest_specs' => specs.group_by(&:name).map { |_, list| list.max_by(&:version) }, 'prerelease_specs' => [] }
  .each { |name, list| write.("#{name}.4.8", index.(list)); write.("#{name}.4.8.gz", Zlib.gzip(index.(list))) }
`

/** Builds a gem repository in `directory`/ruby. */
export async function buildRubyRepository(directory: string): Promise<void> {
  await using work = await temporaryDirectory('gems')
  const script = join(work.path, 'build.rb')
  await writeFile(script, BUILD)
  const gems = JSON.stringify(GEMS)
  await runOrFail('ruby', [script, join(directory, 'ruby'), gems], { cwd: work.path })
}
