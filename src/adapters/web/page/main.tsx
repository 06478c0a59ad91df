import { render } from 'preact'
import { App } from './app.tsx'
import { DeskProvider } from './context.tsx'
import { createDesk } from './desk.ts'

const root = document.getElementById('app')
if (root !== null) {
  const desk = createDesk()
  render(
    <DeskProvider desk={desk}>
      <App />
    </DeskProvider>,
    root,
  )
  void desk.start()
}
