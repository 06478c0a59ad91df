/**
 * What Slack takes, in UTF-16 units (never fewer than Slack's characters, so counting them is safe).
 *
 * - blocks and elements: https://docs.slack.dev/reference/block-kit/blocks and …/block-elements
 * - composition objects: https://docs.slack.dev/reference/block-kit/composition-objects
 * - views: https://docs.slack.dev/reference/views
 * - message text: https://docs.slack.dev/reference/methods/chat.postMessage (4,000 advised, cut at 40,000); chat.update
 *   refuses more than 4,000 with `msg_too_long`
 */
export const LIMITS = {
  text: 4_000,
  blocks: 50,
  viewBlocks: 100,
  /**
   * All texts of one message's blocks together. Undocumented: chat.postMessage answers `msg_blocks_too_long` between
   * 11,000 and 13,300 characters, less the more blocks there are (github.com/slackapi/bolt-js/issues/2509 and 2867).
   */
  blocksText: 9_000,
  header: 150,
  section: 3_000,
  fields: 10,
  field: 2_000,
  context: 2_000,
  elements: 25,
  buttonText: 75,
  buttonValue: 2_000,
  actionId: 255,
  options: 100,
  optionGroups: 100,
  optionText: 75,
  /** The types say 75, the page 150: the smaller is safe. */
  optionValue: 75,
  placeholder: 150,
  viewTitle: 24,
  viewButton: 24,
  inputLabel: 2_000,
  inputHint: 2_000,
  inputText: 3_000,
  privateMetadata: 3_000,
  fieldError: 300,
  fileTitle: 255,
} as const

/** Slack counts an interaction as failed after three seconds: https://docs.slack.dev/interactivity/handling-user-interaction */
export const ANSWER_MS = 3_000

/** Opening a form must leave time for a sentence of regret within ANSWER_MS. */
export const OPEN_MS = 1_300

/** And that sentence, or any other note that takes a call, must leave time for the answer itself. */
export const NOTE_MS = 700

/** A signed request is good for five minutes: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const SIGNATURE_SECONDS = 300

/** What Bolt's own receivers take at most. */
export const BODY_BYTES = 4 * 1024 * 1024

/** Slack's deepest payloads (tables of rich text in unfurls) stay under thirty; what is far beyond is an attack. */
export const JSON_DEPTH = 100
