// The engine in a worker that can be stopped: questions go one at a time, and of those that wait only the newest counts.
import source from 'worker.text'

export class Engine {
  // told: { ready(choices), answer(answer, milliseconds), busy(yes), failed(error) }
  constructor(told) {
    this.told = told
    this.start()
  }

  start() {
    this.ready = false
    this.asked = null
    const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
    const worker = new Worker(address) // made of a text: a page that is a file may not load a worker by its path
    worker.onmessage = ({ data }) => this.hear(data)
    worker.onerror = (event) => {
      this.told.failed(event.message)
      this.stop()
    }
    this.worker = worker
    URL.revokeObjectURL(address)
  }

  // Ends what it does; the next question starts another engine.
  stop() {
    this.worker.terminate()
    this.worker = null
    this.waiting = null
    this.told.busy(false)
  }

  ask(question) {
    this.waiting = question
    if (!this.worker) this.start()
    this.next()
  }

  next() {
    if (!this.ready || this.asked || !this.waiting) return
    this.asked = this.waiting
    this.waiting = null
    this.since = performance.now()
    this.told.busy(true)
    this.worker.postMessage(this.asked)
  }

  hear(data) {
    if ('ready' in data) {
      if (!data.ready) return this.told.failed(data.error)
      this.ready = true
      this.told.ready(data.choices)
    } else {
      const { asked } = this
      this.asked = null
      this.told.busy(false)
      if (!this.waiting) this.told.answer(data.answer, performance.now() - this.since, asked)
    }
    this.next()
  }
}
