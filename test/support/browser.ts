import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'

/** Flags over playwright's own: nothing may leave loopback, nothing may wait for a network that is not there. */
const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-domain-reliability',
  '--no-pings',
]

interface Executable {
  readonly path: string
  readonly env: Record<string, string>
}

/**
 * Opens a headless Chromium with a fresh profile, which `close()` removes. It is the one that `CHROMIUM_PATH`
 * names, else the system's, else the one inside the development dependency `@sparticuz/chromium` (Linux on
 * x64 only). The latter brings its shared libraries and a Latin font but no Chinese one: without a CJK font on
 * the machine Chinese text is drawn as blank space of the right width; what a test reads from the page stays right.
 */
export async function launchBrowser(): Promise<Browser> {
  const executable = systemChromium() ?? (await bundledChromium())
  return chromium.launch({
    executablePath: executable.path,
    env: { ...inheritedEnvironment(), ...executable.env },
    args: FLAGS,
    chromiumSandbox: false, // as root, and in most containers, the sandbox cannot be set up
    timeout: 30_000,
  })
}

function systemChromium(): Executable | undefined {
  const named = process.env.CHROMIUM_PATH
  if (named) return { path: named, env: {} }
  const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
  return found ? { path: found, env: {} } : undefined
}

/**
 * Unpacks the package's browser once per version and user, beside its libraries and font settings.
 * The package unpacks straight into the temporary folder and takes a half-written file for a finished one, so
 * it is run as a child with a temporary folder of its own, and the result moved into place in one step. It
 * unpacks its libraries only where it believes to be inside Lambda: hence AWS_EXECUTION_ENV.
 */
async function bundledChromium(): Promise<Executable> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('no Chromium found: install one, or name it in CHROMIUM_PATH')
  }
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const home = path.join(tmpdir(), `gongdan-chromium-${packageVersion(entry)}-${process.getuid?.() ?? 0}`)
  if (!existsSync(home)) {
    const draft = mkdtempSync(path.join(tmpdir(), 'gongdan-chromium-'))
    try {
      const script = `require(${JSON.stringify(entry)}).executablePath()`
      await promisify(execFile)(process.execPath, ['-e', script], {
        env: { ...inheritedEnvironment(), TMPDIR: draft, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
      })
      writeFileSync(path.join(draft, FONT_SETTINGS), fontSettings(path.join(home, 'fonts')))
      if (!existsSync(home)) renameSync(draft, home)
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
  }
  const env = {
    LD_LIBRARY_PATH: path.join(home, 'al2023', 'lib'),
    FONTCONFIG_FILE: path.join(home, FONT_SETTINGS),
  }
  return { path: path.join(home, 'chromium'), env }
}

const FONT_SETTINGS = 'gongdan-fonts.conf'

/** The package's own settings name Lambda's folders; with no font at all Chromium gives text no height. */
function fontSettings(bundled: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>/usr/share/fonts</dir>
  <dir>${bundled}</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`
}

function packageVersion(entry: string): string {
  for (let folder = path.dirname(entry); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'package.json')
    if (!existsSync(manifest)) continue
    const { name, version }: { name?: string; version?: string } = JSON.parse(readFileSync(manifest, 'utf8'))
    if (name === '@sparticuz/chromium' && version) return version
  }
  return 'unknown'
}

function inheritedEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env)
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined))
}
