import { defineConfig, type UserConfig } from 'vite'

/** Builds the web console. vitest.config.ts is for the tests. */
const config: UserConfig = defineConfig({
  root: 'src/console',
  base: '/console/',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    target: 'es2023',
    // One style sheet, and no script in the page: both would need more than the page's policy allows.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
})

export default config
