/** Mantine's controls in the studio's own colours and measures; the colours themselves are in tokens.css. */
import { t } from '@lingui/core/macro'
import { createTheme, defaultVariantColorsResolver, type CSSVariablesResolver, type MantineColorsTuple, type VariantColorsResolver } from '@mantine/core'

const leaf: MantineColorsTuple = ['#eef6ec', '#e5efe2', '#c9e2c5', '#a5d2a3', '#7fc784', '#5aae62', '#3f9149', '#2c7638', '#235f2d', '#1a4722']

/** In place of Mantine's cool neutrals, so that what it draws by itself is of the same family as tokens.css. */
const warmGray: MantineColorsTuple = ['#faf8f5', '#f3f1ec', '#e9e5dd', '#dcd6cb', '#cdc7bb', '#aaa396', '#857d71', '#55504a', '#36322d', '#1f1d19']
const warmDark: MantineColorsTuple = ['#ece8e1', '#d8d2c8', '#bcb5aa', '#9d958a', '#48443d', '#3a3731', '#211f1c', '#191815', '#131210', '#0e0d0b']

/** Filled controls take the tokens, whose ink holds its contrast in either theme; Mantine would work out one ink for both. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input)
  if (input.variant !== 'filled') return colors
  if (input.color === 'red') return { ...colors, background: 'var(--red)', hover: 'color-mix(in srgb, var(--red) 88%, var(--ink))', color: 'var(--surface)' }
  if (input.color === undefined || input.color === 'leaf') return { ...colors, background: 'var(--accent)', hover: 'var(--accent-strong)', color: 'var(--on-accent)' }
  return colors
}

export const theme = createTheme({
  variantColorResolver,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: 'var(--mono)',
  colors: { leaf, gray: warmGray, dark: warmDark },
  primaryColor: 'leaf',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.36,
  defaultRadius: 6,
  fontSizes: { xs: '13px', sm: '13px', md: '13px', lg: '16px', xl: '24px' },
  radius: { xs: '6px', sm: '6px', md: '6px', lg: '6px', xl: '6px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'xs' }, styles: { label: { fontWeight: 600 } } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 28 } },
    TextInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs', checkIconPosition: 'right', comboboxProps: { transitionProps: { duration: 0 } } } },
    SegmentedControl: {
      defaultProps: { size: 'xs', transitionDuration: 120, withItemsBorders: false },
      styles: {
        root: { background: 'var(--sunken)', boxShadow: 'inset 0 0 0 1px var(--line)' },
        indicator: { background: 'var(--raised)', boxShadow: '0 0 0 1px var(--line-strong)' },
        label: { fontWeight: 400, color: 'var(--ink)', padding: '3px 12px' },
      },
    },
    Switch: { defaultProps: { size: 'sm', withThumbIndicator: false } },
    Modal: {
      defaultProps: {
        centered: true,
        transitionProps: { duration: 120, transition: 'fade' },
        overlayProps: { color: 'var(--shade)', backgroundOpacity: 1 },
        closeButtonProps: { 'aria-label': t`Close` },
      },
      styles: { title: { fontSize: '16px', fontWeight: 600 }, content: { background: 'var(--surface)', boxShadow: 'var(--float)' }, header: { background: 'var(--surface)' } },
    },
    Tooltip: { defaultProps: { openDelay: 400, transitionProps: { duration: 80 }, withArrow: false, events: { hover: true, focus: true, touch: false } } },
    Menu: { defaultProps: { transitionProps: { duration: 80 }, shadow: 'none', position: 'bottom-end' }, styles: { dropdown: { boxShadow: 'var(--float)' } } },
  },
})

const shared = {
  '--mantine-color-body': 'var(--paper)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-3)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-error': 'var(--red)',
  '--mantine-color-anchor': 'var(--accent)',
}

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: { ...shared, '--mantine-color-gray-light-color': 'var(--ink-2)', '--mantine-color-gray-light-hover': 'var(--hover)' },
  dark: { ...shared, '--mantine-color-gray-light-color': 'var(--ink-2)', '--mantine-color-gray-light-hover': 'var(--hover)' },
})
