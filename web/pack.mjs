// node pack.mjs CORE.js FOLDER OUT.js: the engine with its files as one script. `NablaEngine.open()` gives a promise of the
// function that asks it: ask(function of worker.lua, text) -> text.
//
// The files are plain text in the script, which compresses far better than what emscripten would make of them. The image is in
// hexadecimal: a byte is always the same two digits, as it is not in base64, so that repetitions are seen.
import fs from 'node:fs'
import path from 'node:path'

const [core, folder, out] = process.argv.slice(2)

const texts = {}
const bytes = {}
for (const name of fs.readdirSync(folder, { recursive: true }).sort()) {
  const file = path.join(folder, name)
  if (!fs.statSync(file).isFile()) continue
  if (name.endsWith('.image')) bytes[name] = fs.readFileSync(file).toString('hex')
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
  const digit = (text, i) => text.charCodeAt(i) - (text.charCodeAt(i) < 58 ? 48 : 87);
  for (const name in NablaEngine.bytes) {
    const text = NablaEngine.bytes[name];
    write(name, Uint8Array.from({ length: text.length / 2 }, (_, i) => 16 * digit(text, 2 * i) + digit(text, 2 * i + 1)));
  }
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
