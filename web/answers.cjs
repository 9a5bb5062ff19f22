// node answers.cjs ENGINE.js: answers the requests of the standard input, as `nabla batch` does.
delete globalThis.fetch // what emscripten 3.1.6 makes would use it for a path
const fs = require('node:fs')
const path = require('node:path')

require(path.resolve(process.argv[2])).open().then((ask) => {
  for (const line of fs.readFileSync(0, 'utf8').split('\n')) if (line) console.log(ask('answer', line))
}).catch((error) => {
  console.error(error.message)
  process.exit(1)
})
