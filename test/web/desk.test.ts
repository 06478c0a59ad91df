import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Conversation } from '../flow/conversation.ts'
import { conversation } from '../flow/conversation.ts'
import { launchBrowser } from '../support/browser.ts'

/** The main job as a newcomer sees it: the real desk on its embedded database, in a real browser. */

let talk: Conversation
let browser: Browser
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  talk = await conversation({ embedded: true })
  browser = await launchBrowser()
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    reducedMotion: 'reduce',
  })
  page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(talk.desk.url)
})
afterAll(async () => {
  await browser.close()
  await talk.end()
})

describe('one request, seen by three people on one page', () => {
  it('is typed by the employee, and its cards appear without a reload', async () => {
    const box = page.getByRole('textbox').first()
    await box.fill("my laptop won't boot")
    await box.press('Enter')
    await page.getByText("IT-1 · my laptop won't boot").nth(1).waitFor()
    await page.getByText('Received, waiting for somebody to take it').waitFor()
  })

  it('is claimed by the agent, and the employee sees by whom', async () => {
    await page
      .getByRole('button', { name: /^(Claim|认领)$/u })
      .first()
      .click()
    await page.getByText('Being worked on').waitFor()
    await page.getByText('李伟').nth(1).waitFor()
  })

  it('is answered by a form, and resolved by another', async () => {
    await page
      .getByRole('button', { name: /^(Reply|回复)…$/u })
      .first()
      .click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox').fill('Please hold the power button for ten seconds')
    await dialog.getByRole('button', { name: /^(Send|发送)$/u }).click()
    await page.getByText('Please hold the power button').first().waitFor()
    await page
      .getByRole('button', { name: /^(Resolve|解决)…$/u })
      .first()
      .click()
    await dialog.getByRole('button', { name: /^(OK|确定)$/u }).click()
    expect(await dialog.isVisible(), 'an empty summary is not taken').toBe(true)
    await dialog.getByRole('textbox').fill('Reset by the power button')
    await dialog.getByRole('button', { name: /^(OK|确定)$/u }).click()
    await page
      .getByText(/has resolved this: Reset by the power button/u)
      .first()
      .waitFor()
  })

  it('leaves no complaint in the console', () => {
    expect(complaints).toEqual([])
  })
})
