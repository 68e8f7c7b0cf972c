// Bundles GraphiQL and its editors' workers into the folder given as argument.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const outdir = process.argv[2];
if (!outdir) {
  throw new Error('usage: node build.js FOLDER, beside package.json');
}
await build({
  entryPoints: {
    graphiql: './entry.jsx',
    local: './local.jsx', // the local server's page; in no archive
    'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
    'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
  },
  outdir,
  bundle: true,
  minify: true,
  keepNames: true, // icons take their titles from the names of their functions
  format: 'esm',
  jsx: 'automatic',
  target: 'es2022',
  define: { 'process.env.NODE_ENV': '"production"' },
  // Fonts and icons stand in the style sheet: one file less to route.
  loader: { '.ttf': 'dataurl', '.woff2': 'dataurl', '.svg': 'dataurl' },
  legalComments: 'linked',
  logLevel: 'warning',
});

// The licences of all packages that are in it, whole: the comments kept above name only some.
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const texts = Object.entries(packages)
  .filter(([place, entry]) => place && !entry.dev)
  .sort()
  .map(([place, entry]) => {
    const name = `${place.split('node_modules/').pop()} ${entry.version}: ${entry.license}`;
    const files = readdirSync(place).filter((file) => /^(licen[cs]e|notice|thirdpartynotices)/i.test(file));
    return [name, ...files.map((file) => readFileSync(join(place, file), 'utf8').trim())].join('\n\n');
  });
writeFileSync(join(outdir, 'LICENSES.txt'), texts.join(`\n\n${'-'.repeat(72)}\n\n`) + '\n');
