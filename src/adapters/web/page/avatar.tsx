import type { VNode } from 'preact'
import { Logo } from './icons.tsx'

/** Initials on a colour of the person's own; the desk wears its mark. Decorative: the name always stands beside it. */
export function Avatar({ id, name, size }: { id: string; name: string; size: 'small' | 'normal' }): VNode {
  if (id === 'bot') {
    return (
      <span class={`avatar avatar-${size} avatar-bot`} aria-hidden="true">
        <Logo size={size === 'small' ? 22 : 34} />
      </span>
    )
  }
  return (
    <span class={`avatar avatar-${size} hue-${hueOf(id)}`} aria-hidden="true">
      {initials(name)}
    </span>
  )
}

/** 王小明 → 小明, Ana Ortiz → AO, li → L. */
function initials(name: string): string {
  const plain = name.trim()
  if (/^\p{Script=Han}+$/u.test(plain)) return Array.from(plain).slice(-2).join('')
  const words = plain.split(/[\s._-]+/u).filter((word) => word !== '')
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters
    .map((word) => Array.from(word ?? '?')[0] ?? '?')
    .join('')
    .toUpperCase()
}

function hueOf(id: string): number {
  let sum = 0
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9973
  return sum % 8
}
