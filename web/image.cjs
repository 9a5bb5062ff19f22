// node image.cjs ENGINE.js FILE: writes the image of the rules by the engine that will read it.
delete globalThis.fetch // what emscripten 3.1.6 makes would use it for a path
const fs = require('node:fs')
const path = require('node:path')

const [engine, file] = process.argv.slice(2)
const place = '/nabla/lib/nabla/rules.image'

require(path.resolve(engine)).open().then((ask) => {
  ask('write_image', place)
  fs.writeFileSync(file, ask.files.readFile(place))
}).catch((error) => {
  console.error(error.message)
  process.exit(1)
})
