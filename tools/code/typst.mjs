// node typst.mjs PACKAGES: sets the formulas of the problems on standard input (tools/code/problems.lua typst) by the compiler of Typst
// that npm has put into PACKAGES; prints `N right, N wrong`.
import { createRequire } from 'node:module'
import fs from 'node:fs'
import path from 'node:path'

const [packages] = process.argv.slice(2)
const { NodeCompiler } = createRequire(path.resolve(packages, 'package.json'))('@myriaddreamin/typst-ts-node-compiler')
const compiler = NodeCompiler.create()

let right = 0
let wrong = 0
const all = []
for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const { id, text } = JSON.parse(line)
  try {
    compiler.pdf({ mainFileContent: text })
    right++
    all.push(text)
  } catch (error) {
    wrong++
    console.log(`${id}: ${error.message}\n${text}`)
  }
}
fs.writeFileSync(path.join(packages, 'formulas.pdf'), compiler.pdf({ mainFileContent: all.join('\n\n') }))
console.log(`${right} right, ${wrong} wrong`)
process.exit(wrong > 0 ? 1 : 0)
