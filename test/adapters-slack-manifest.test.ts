import { readFileSync } from 'node:fs'
import type { AppsManifestCreateArguments } from '@slack/web-api'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { SCOPES } from '../src/adapters/slack/examine.ts'
import { MAKE_TICKET, NEW_TICKET } from '../src/adapters/slack/interaction.ts'

const manifest: AppsManifestCreateArguments['manifest'] = parse(
  readFileSync(new URL('../docs/setup/slack-manifest.yaml', import.meta.url), 'utf8'),
)

it('asks for every scope that doctor looks for', () => {
  expect(manifest.oauth_config?.scopes?.bot).toEqual(expect.arrayContaining(Object.keys(SCOPES)))
})

it('names the shortcuts as the adapter reads them', () => {
  const ids = manifest.features?.shortcuts?.map((shortcut) => `${shortcut.type} ${shortcut.callback_id}`)
  expect(ids).toEqual([`message ${MAKE_TICKET}`, `global ${NEW_TICKET}`])
})

it('is within the limits that Slack checks', () => {
  const { name, description = '', long_description = '' } = manifest.display_information
  expect(name.length).toBeLessThanOrEqual(35)
  expect(description.length).toBeLessThanOrEqual(140)
  expect(long_description.length).toBeGreaterThanOrEqual(174)
  for (const shortcut of manifest.features?.shortcuts ?? []) {
    expect(shortcut.name.length).toBeLessThanOrEqual(24)
    expect(shortcut.description.length).toBeLessThanOrEqual(150)
  }
})
