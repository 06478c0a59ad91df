import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/core/adapter.ts'
import type { InboundEvent } from '../../src/core/event.ts'
import { launchBrowser } from '../support/browser.ts'
import type { WebDesk } from '../support/web-desk.ts'
import { BUILT_PAGE, makeWebDesk, WORKSPACE } from '../support/web-desk.ts'

let browser: Browser
let desk: WebDesk
let origin: string
let complaints: string[]
let events: InboundEvent[]
const pages: Page[] = []

beforeAll(async () => {
  expect(existsSync(join(BUILT_PAGE, 'index.html')), 'npm run build:page comes first').toBe(true)
  browser = await launchBrowser()
})
afterAll(() => browser.close())

beforeEach(async () => {
  complaints = []
  events = []
  desk = await makeWebDesk({ handle: answerAs })
  await desk.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = desk.app.server.address() as AddressInfo
  origin = `http://127.0.0.1:${port}`
})
afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close()
  await desk.app.close()
})

/** A desk of few words: a card in the thread of every message, a form behind its button. */
async function answerAs(event: InboundEvent, to: WebDesk): Promise<Outcome> {
  events.push(event)
  if (event.type === 'message') {
    const thread = event.place.thread ?? event.messageId
    const [payload] = to.adapter.render(
      {
        card: {
          blocks: [
            { type: 'heading', text: `IT-1 ${event.text}`, tone: 'waiting' },
            { type: 'buttons', buttons: [{ label: 'Rate', action: 'details:1:1' }] },
          ],
        },
      },
      'en',
    )
    const at = {
      install: 'web',
      to: { kind: 'channel', channel: event.place.channel, thread },
      replaces: null,
    } as const
    const signal = AbortSignal.timeout(5_000)
    await to.adapter.send(payload!, at, {
      key: event.key,
      unsure: false,
      signal,
      file: async () => new Uint8Array(),
    })
  }
  if (event.type === 'action') {
    return {
      kind: 'form',
      locale: 'en',
      form: {
        id: event.action,
        title: 'How was it?',
        submit: 'Send',
        fields: [
          { type: 'rating', id: 'stars', label: 'Stars', required: true, max: 5 },
          { type: 'long', id: 'words', label: 'Words', required: false, max: 100 },
        ],
      },
    }
  }
  if (event.type === 'form' && event.values.words !== 'Very good') {
    return { kind: 'invalid', locale: 'en', errors: { words: 'Say a little more.' } }
  }
  if (event.type === 'command')
    return { kind: 'note', locale: 'en', message: { text: `You asked: ${event.text}` } }
  return { kind: 'accepted' }
}

async function visit(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    ...options,
  })
  const page = await context.newPage()
  pages.push(page)
  page.setDefaultTimeout(10_000)
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('net::ERR')) complaints.push(message.text())
  })
  await page.goto(origin)
  await page.locator('.live-live').waitFor({ state: 'attached' })
  return page
}

describe('the web chat in a browser', () => {
  it('takes a newcomer from a suggestion to an answered form', async () => {
    const page = await visit()
    const mine = page.locator('.pane[data-pane="0"]')
    await mine.getByRole('button', { name: 'VPN' }).click()
    await mine.getByRole('button', { name: 'Rate' }).click()

    const form = page.getByRole('dialog', { name: 'How was it?' })
    await form.getByRole('button', { name: 'Send' }).click()
    await form.getByText('Please fill this in.').waitFor()
    await form.getByLabel('4 stars').check({ force: true })
    await form.getByRole('button', { name: 'Send' }).click()
    await form.getByText('Say a little more.').waitFor()
    expect(await form.getByLabel('Words').getAttribute('aria-invalid')).toBe('true')
    await form.getByLabel('Words').fill('Very good')
    await form.getByRole('button', { name: 'Send' }).click()
    await form.waitFor({ state: 'detached' })
    expect(events.at(-1)).toMatchObject({ type: 'form', values: { stars: '4', words: 'Very good' } })
    expect(complaints).toEqual([])
  })

  it('shows to an agent what a colleague writes, and lets the writer edit and delete it', async () => {
    const [page, other] = await Promise.all([visit(), visit()])
    const [mine, theirs] = [page, other].map((one) => one.locator('.pane[data-pane="1"]'))
    await mine!.getByRole('textbox').fill('gateway is dwon')
    await mine!.getByRole('textbox').press('Enter')
    await theirs!.locator('.words', { hasText: 'gateway is dwon' }).waitFor()

    const post = mine!.locator('.post.own')
    await post.hover()
    await post.getByRole('button', { name: 'Edit' }).click()
    await post.getByRole('textbox').fill('gateway is down')
    await post.getByRole('textbox').press('Enter')
    await theirs!.getByText('(edited)').waitFor()
    await post.hover()
    await post.getByRole('button', { name: 'Delete' }).click()
    await post.getByRole('button', { name: 'Delete' }).click()
    await theirs!.getByText('This message was deleted').waitFor()
    expect(complaints).toEqual([])
  })

  it('keeps what is written while the desk is away, and sends it once', async () => {
    const page = await visit()
    const mine = page.locator('.pane[data-pane="0"]')
    let lost = 0
    // The first attempt reaches the desk, but its answer never comes back.
    await page.route('**/web/events', async (route) => {
      lost += 1
      if (lost === 1) await route.fetch()
      await route.abort('connectionreset')
    })
    await mine.getByRole('textbox').fill('are you there?')
    await mine.getByRole('textbox').press('Enter')
    await mine.locator('.words', { hasText: 'are you there?' }).first().waitFor()
    await page.unroute('**/web/events')
    await expect.poll(async () => mine.locator('.post.own').count()).toBe(1)
    const said = await desk.room.list(WORKSPACE, 'dm:xiaoming', null, 10)
    expect(said.filter(({ author }) => author === 'xiaoming')).toHaveLength(1)
  })

  it('says that the desk is gone, comes back by itself and catches up', async () => {
    const page = await visit()
    await page.context().setOffline(true)
    await page.evaluate(() => window.dispatchEvent(new Event('online')))
    await page.getByText('No connection to the desk').waitFor()
    const at = desk.clock.now()
    const post = { thread: null, author: 'sam', visibleTo: null, at, editedAt: null, deletedAt: null }
    await desk.room.put(WORKSPACE, {
      ...post,
      id: 'missed',
      channel: 'it',
      body: { text: 'while you were out' },
    })
    await page.context().setOffline(false)
    await page.locator('.pane[data-pane="1"]').getByText('while you were out').waitFor()
    await page.getByText('No connection to the desk').waitFor({ state: 'detached' })
  })

  it('works by keyboard: persons, threads, Escape', async () => {
    const page = await visit()
    const mine = page.locator('.pane[data-pane="0"]')
    await mine.locator('.switcher-button').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await mine.locator('.switcher-name', { hasText: 'Ana Ortiz' }).waitFor()
    await mine.getByRole('textbox').fill('/help me')
    await page.keyboard.press('Enter')
    await mine.getByText('You asked: help me').waitFor()
    await mine.getByRole('textbox').fill('hello')
    await page.keyboard.press('Enter')
    await mine.locator('.thread-reply').focus()
    await page.keyboard.press('Enter')
    const sheet = mine.getByRole('dialog', { name: 'Thread' })
    await sheet.getByRole('textbox').fill('and a reply')
    await page.keyboard.press('Enter')
    await sheet.locator('.words', { hasText: 'and a reply' }).waitFor()
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'detached' })
    await expect.poll(() => page.evaluate(() => document.activeElement?.className)).toContain('thread-reply')
    expect(complaints).toEqual([])
  })

  it('sends pictures, moves the clock, and remembers language and theme', async () => {
    const page = await visit()
    const mine = page.locator('.pane[data-pane="0"]')
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    const picture = { name: 'screen.png', mimeType: 'image/png', buffer: Buffer.from(png, 'base64') }
    await mine.locator('input[type="file"]').setInputFiles(picture)
    await mine.locator('.attachment[data-state="done"]').waitFor()
    await mine.getByRole('button', { name: 'Send' }).click()
    const shown = mine.getByRole('img', { name: 'screen.png' })
    await expect.poll(() => shown.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(1)

    const before = desk.clock.now().getTime()
    await page.getByRole('button', { name: '+4 h' }).click()
    await expect.poll(() => desk.clock.now().getTime() - before).toBeGreaterThan(4 * 3_600_000 - 1)
    await page.getByText('13:3').first().waitFor()

    await page.getByRole('button', { name: '切换到中文' }).click()
    await page.getByRole('button', { name: /外观/u }).click()
    await page.reload()
    await page.getByText('提单人').waitFor()
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('light')
    expect(complaints).toEqual([])
  })

  it('fits a phone: one pane, tabs for the others, nothing wider than the screen', async () => {
    const page = await visit({ viewport: { width: 390, height: 844 }, hasTouch: true })
    expect(await page.locator('.pane:visible').count()).toBe(1)
    await page.locator('.pane-tab[data-pane="1"]').tap()
    await page.locator('.pane[data-pane="1"]').waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  })
})
