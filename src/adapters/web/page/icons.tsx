import type { VNode } from 'preact'

const paths = {
  send: 'M4 12 20 4l-5 16-3.5-6.5zM11.5 13.5 20 4',
  clip: 'm20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4L14.500 7.5',
  down: 'M6 9l6 6 6-6',
  arrowDown: 'M12 5v14M6 13l6 6 6-6',
  back: 'M15 6l-6 6 6 6',
  close: 'M6 6l12 12M18 6L6 18',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13.500 6.500l4 4',
  trash: 'M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5',
  reply: 'M10 8 5 13l5 5M5 13h9a5 5 0 0 0 5-5V6',
  ticket: 'M5 7h14v3.500a1.500 1.500 0 0 0 0 3V17H5v-3.500a1.500 1.500 0 0 0 0-3zM13 7v2M13 11v2M13 15v2',
  file: 'M7 3.500h7l4 4V20.500H7zM14 3.500v4h4',
  eye: 'M3 12s3.500-6 9-6 9 6 9 6-3.500 6-9 6-9-6-9-6zM12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400',
  moon: 'M19 14.500A7.500 7.500 0 0 1 9.500 5 7.500 7.500 0 1 0 19 14.500z',
  screen: 'M4 5h16v11H4zM9 20h6M12 16v4',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.500l3 2',
  star: 'M12 3.800l2.500 5.200 5.700.800-4.100 4 1 5.700L12 16.800l-5.100 2.700 1-5.700-4.100-4 5.700-.800z',
  warning: 'M12 4 2.800 19.500h18.400zM12 10v4.500M12 17v.300',
  home: 'M4 11l8-7 8 7v9h-5.500v-5.500h-5V20H4z',
  check: 'M5 12.500l4.500 4.500L19 7.500',
} as const

/** A decorative picture: what it stands for is said by the control that holds it. */
export function Icon({ name, size = 18 }: { name: keyof typeof paths; size?: number }): VNode {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}

export function Logo({ size = 26 }: { size?: number }): VNode {
  return (
    <svg class="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" class="logo-ground" />
      <path
        class="logo-slip"
        d="M8 10.500A2.500 2.500 0 0 1 10.500 8h11a2.500 2.500 0 0 1 2.500 2.500v2.200a2.400 2.400 0 0 0 0 4.600v1.200a2.500 2.500 0 0 1-2.500 2.500H15l-4 3.500V21h-.500A2.500 2.500 0 0 1 8 18.500v-1.200a2.400 2.400 0 0 0 0-4.600z"
      />
      <path class="logo-lines" d="M13 13h6M13 16.500h4" />
    </svg>
  )
}
