// node page.mjs OUT PACKAGES: OUT/nabla.html, the page in one file, from OUT/engine.js, the files beside this one and the packages
// that npm has put into PACKAGES.
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const [out, packages] = process.argv.slice(2).map((folder) => path.resolve(folder))
const { build } = createRequire(path.join(packages, 'package.json'))('esbuild')
const here = path.resolve('web')

fs.writeFileSync(
  path.join(out, 'worker.text'),
  fs.readFileSync(path.join(out, 'engine.js'), 'utf8') + fs.readFileSync(path.join(here, 'worker.js'), 'utf8'),
)

// Letters that no answer is set in.
const unused = /KaTeX_(Fraktur|SansSerif|Typewriter|Script)/

const result = await build({
  entryPoints: [path.join(here, 'app.js')],
  nodePaths: [path.join(packages, 'node_modules')],
  alias: { 'worker.text': path.join(out, 'worker.text') },
  bundle: true,
  minify: true,
  write: false,
  outdir: out,
  format: 'iife',
  target: 'es2020',
  charset: 'utf8',
  loader: { '.text': 'text', '.woff2': 'dataurl', '.woff': 'empty', '.ttf': 'empty' },
  plugins: [
    {
      name: 'fonts',
      setup(work) {
        work.onLoad({ filter: unused }, () => ({ contents: '', loader: 'empty' }))
      },
    },
  ],
})
const text = (end) => result.outputFiles.find((file) => file.path.endsWith(end)).text
const page = fs
  .readFileSync(path.join(here, 'index.html'), 'utf8')
  .replace('/* style */', () => text('.css'))
  .replace('/* script */', () => text('.js').replaceAll('</script', '<\\/script'))
fs.writeFileSync(path.join(out, 'nabla.html'), page)
