/** How the dashboard is built: one page, one script and one style sheet, with no outside requests and nothing inline. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // The leader serves it from the root of its address.
  base: '/',
  build: {
    outDir: fileURLToPath(new URL('../dist/web', import.meta.url)),
    emptyOutDir: true,
    // Its polyfill would only be more script, since there is a single chunk to load.
    modulePreload: false,
    // An image inside the style sheet or the page would want a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    // Browsers that are some years old.
    target: 'es2022',
    reportCompressedSize: false,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
