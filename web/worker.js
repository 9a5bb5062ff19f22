// The worker: one engine. It is asked by { id, request }, a request of `nabla batch`, or by { id, rules, .. }, the text of a rule
// file for the requests that name it; it answers { id, answer }. Whoever has waited long enough ends the worker and starts another.
/* global NablaEngine */
const RULES = '/course.rules'

const opened = NablaEngine.open()
opened.then(
  (ask) => postMessage({ ready: true, choices: JSON.parse(ask('choices', '')) }),
  (error) => postMessage({ ready: false, error: String(error.message || error) }),
)

onmessage = async ({ data }) => {
  const ask = await opened
  const request = { ...data.request }
  if (data.rules) {
    // another text is another file: sessions are kept by the paths of their rule files
    const path = `/${[...new TextEncoder().encode(data.rules)].reduce((h, b) => (h * 31 + b) >>> 0, 7)}${RULES}`
    ask.files.mkdirTree(path.slice(0, path.lastIndexOf('/')))
    ask.files.writeFile(path, data.rules)
    request.rules = [path]
  }
  let answer
  try {
    answer = JSON.parse(ask('answer', JSON.stringify(request)))
  } catch (error) {
    answer = { error: { message: String(error.message || error) } }
  }
  postMessage({ id: data.id, answer })
}
