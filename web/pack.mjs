// node pack.mjs CORE.js FOLDER OUT.js: the engine with its files as one script. `NablaEngine.open()` gives a promise of the
// function that asks it: ask(function of worker.lua, text) -> text.
//
// The files are plain text in the script, which compresses far better than what emscripten would make of them.
import fs from 'node:fs'
import path from 'node:path'

const [core, folder, out] = process.argv.slice(2)

const texts = {}
const bytes = {}
for (const name of fs.readdirSync(folder, { recursive: true }).sort()) {
  const file = path.join(folder, name)
  if (!fs.statSync(file).isFile()) continue
  if (name.endsWith('.image')) bytes[name] = fs.readFileSync(file).toString('base64')
  else texts[name] = fs.readFileSync(file, 'utf8')
}

const open = `
NablaEngine.texts = ${JSON.stringify(texts)};
NablaEngine.bytes = ${JSON.stringify(bytes)};
NablaEngine.open = async () => {
  const module = await NablaEngine();
  const write = (name, content) => {
    const path = '/nabla/' + name;
    module.FS.mkdirTree(path.slice(0, path.lastIndexOf('/')));
    module.FS.writeFile(path, content);
  };
  for (const name in NablaEngine.texts) write(name, NablaEngine.texts[name]);
  for (const name in NablaEngine.bytes) write(name, Uint8Array.from(atob(NablaEngine.bytes[name]), (c) => c.charCodeAt(0)));
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
fs.writeFileSync(out, fs.readFileSync(core, 'utf8') + open)
