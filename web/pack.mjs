// node pack.mjs CORE FOLDER PACKAGES OUT.js: the engine CORE.js, its CORE.wasm and its files as one script. `NablaEngine.open()` gives
// a promise of the function that asks it: ask(function of worker.lua, text) -> text.
//
// All but the script of emscripten is one block, compressed by zstd, whose window is the whole block: deflate, with which a server
// compresses the page, looks back 32 kB only. The block is in base64, which deflate packs into the bytes that it stands for.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const [core, folder, packages, out] = process.argv.slice(2)

const names = fs.readdirSync(folder, { recursive: true }).filter((name) => fs.statSync(path.join(folder, name)).isFile()).sort()
const contents = names.map((name) => fs.readFileSync(path.join(folder, name)))
const parts = [fs.readFileSync(`${core}.wasm`), ...contents]
const sizes = parts.map((part) => part.length)
const block = execFileSync('zstd', ['--ultra', '-22', '--long=23', '--quiet', '--stdout'], { input: Buffer.concat(parts), maxBuffer: 1 << 28 })

const open = `
NablaEngine.open = async () => {
  const packed = atob(NablaEngine.block);
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
  const parts = fzstd.decompress(bytes);
  let at = 0;
  const part = (size) => parts.subarray(at, (at += size));
  const [wasm, ...sizes] = ${JSON.stringify(sizes)};
  const module = await NablaEngine({ wasmBinary: part(wasm) });
  ${JSON.stringify(names)}.forEach((name, i) => {
    const path = '/nabla/' + name;
    module.FS.mkdirTree(path.slice(0, path.lastIndexOf('/')));
    module.FS.writeFile(path, part(sizes[i]));
  });
  const call = module.cwrap('nabla_call', 'string', ['string', 'string']);
  const ask = (name, text) => {
    const answer = call(name, text);
    if (answer[0] === '!') throw new Error(answer.slice(1));
    return answer;
  };
  ask.files = module.FS;
  return ask;
};
`
const fzstd = fs.readFileSync(path.join(packages, 'node_modules/fzstd/umd/index.js'), 'utf8')
fs.writeFileSync(
  out,
  // as CommonJS takes it, wherever the script runs
  `var fzstd = (() => { const module = { exports: {} }, exports = module.exports; ${fzstd}\nreturn module.exports; })();\n` +
    fs.readFileSync(`${core}.js`, 'utf8') +
    `NablaEngine.block = '${block.toString('base64')}';` +
    open,
)
