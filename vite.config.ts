// The build: a folder of static files that works below any path of any web host.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const fromPackages = (...names: string[]): RegExp =>
  new RegExp(`[\\\\/]node_modules[\\\\/](${names.join('|')})[\\\\/]`);

export default defineConfig({
  base: './',
  plugins: [react()],
  build: {
    target: 'es2022',
    // tools/lib/sizes.mjs reads from it what a first view loads.
    manifest: true,
    license: { fileName: 'third-party-licenses.md' },
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What changes only with a new version of a package stays in a reader's cache. The canvas is loaded after the steps can be
          // read, so nothing that they need may be grouped with it. framer-motion has no group on purpose: its
          // features are loaded with import(), and a group would pull them into the first view.
          groups: [
            {
              name: 'react',
              test: fromPackages(
                'react',
                'react-dom',
                'scheduler',
                'zustand',
                'use-sync-external-store',
              ),
            },
            {
              name: 'flow',
              test: fromPackages('reactflow', '@xyflow', 'd3-[a-z]+', 'classcat'),
            },
          ],
        },
      },
    },
  },
  worker: {
    format: 'es',
    rolldownOptions: {
      output: {
        // The prefix tells the size gate which scripts only the worker loads.
        entryFileNames: 'assets/worker-[name]-[hash].js',
        chunkFileNames: 'assets/worker-[name]-[hash].js',
      },
    },
  },
  // As `npm start`: one address to remember.
  preview: { port: 4173, strictPort: true },
});
