import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** The page is static: everything it knows it asks the desk for. Built beside the adapter that serves it. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../../../../dist/adapters/web/page', import.meta.url)),
    emptyOutDir: true,
    // Data addresses would be refused by the page's own security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    // The style sheets use light-dark().
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
  },
})
