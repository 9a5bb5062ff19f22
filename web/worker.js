// The worker: one engine. It is asked by { id, request }, a request of `nabla batch`; it answers { id, answer }. Whoever has waited
// long enough ends the worker and starts another.
/* global NablaEngine */
const opened = NablaEngine.open()
opened.then(
  (ask) => postMessage({ ready: true, choices: JSON.parse(ask('choices', '')) }),
  (error) => postMessage({ ready: false, error: String(error.message || error) }),
)

onmessage = async ({ data }) => {
  const ask = await opened
  let answer
  try {
    answer = JSON.parse(ask('answer', JSON.stringify(data.request)))
  } catch (error) {
    answer = { error: { message: String(error.message || error) } }
  }
  postMessage({ id: data.id, answer })
}
