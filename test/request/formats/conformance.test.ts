import { testRecognizer } from './conformance.ts'

const DIGEST = '0123456789abcdef'.repeat(4)

testRecognizer({
  format: 'deb',
  packages: [
    'pool/main/f/foo/libfoo1_1.2-3_amd64.deb',
    'foo_1.0_all.udeb',
    'foo_1.0.orig.tar.gz',
    'foo_1.0-1.diff.gz',
    'dists/stable/main/binary-amd64/foo_1.0_amd64.deb',
    'Packages.gz/foo_1.0_all.deb',
    'dists/x/by-hash/SHA256/foo_1.0_amd64.deb',
  ],
  pieces: [
    'InRelease',
    'Release',
    'Packages',
    'foo_1.0_amd64',
    '.deb',
    'by-hash/SHA256/',
    DIGEST,
    '.diff/',
    'i18n/',
  ],
})

testRecognizer({
  format: 'rpm',
  packages: [
    'Packages/h/hello-2.10-1.fc39.x86_64.rpm',
    'hello-2.10-1.src.rpm',
    'repodata/hello-2.10-1.x86_64.rpm',
    'media.1/hello-2.10-1.x86_64.rpm',
    'content/mirrorlist-1-1.noarch.rpm',
    'drpms/hello-2.9-1.fc39_2.10-1.fc39.x86_64.drpm',
    'RPM-GPG-KEY-a-1-1.noarch.rpm',
  ],
  pieces: [
    'repodata/',
    'repomd.xml',
    '-1.0-1',
    '.x86_64',
    '.rpm',
    '.drpm',
    'RPM-GPG-KEY-',
    'media.1/',
    'metalink',
  ],
})

testRecognizer({
  format: 'npm',
  packages: [
    'left-pad/-/left-pad-1.0.0.tgz',
    '@acme/widget/-/widget-1.1.0-rc.1.tgz',
    '@acme/widget/-/@acme/widget-1.1.0.tgz',
    `download/left-pad/1.0.0/${DIGEST}`,
    `download/@acme/widget/1.0.0/${DIGEST}`,
    'latest/-/latest-1.0.0.tgz',
  ],
  pieces: ['-/', 'left-pad', '.tgz', 'npm/v1/', 'package/', '/dist-tags', 'download/', DIGEST, 'latest', '~'],
})

testRecognizer({
  format: 'raw',
  packages: ['tools/1.2.0/tool.tar.gz', 'Release Notes.pdf', '.hidden/x.zip', 'a/.asc', 'Größe.exe'],
  pieces: ['KEYS', 'SHA256SUMS', 'checksums.txt', '.sig', '.md5', 'MD5', 'tool'],
})
