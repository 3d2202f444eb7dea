/** Light, dark, or as the system has it. The settings decide; the browser's storage keeps a copy for the next first moment. */
import { useMantineColorScheme, type MantineColorScheme, type MantineColorSchemeManager } from '@mantine/core'
import { useEffect } from 'react'
import { useMachine } from '../state/machine'

/** public/color-scheme.js reads the same key before anything is drawn. */
const STORAGE_KEY = 'graft.theme'

export const themeManager: MantineColorSchemeManager = {
  get: (defaultValue) => {
    try {
      const value = localStorage.getItem(STORAGE_KEY)
      return value === 'light' || value === 'dark' || value === 'auto' ? value : defaultValue
    } catch {
      return defaultValue // storage may be blocked
    }
  },
  set: (value) => {
    try {
      localStorage.setItem(STORAGE_KEY, value)
    } catch {
      // the settings still hold it
    }
  },
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
}

export function ThemeFromSettings() {
  const chosen = useMachine((machine) => machine.settings?.theme)
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: false })
  useEffect(() => {
    if (chosen === undefined) return
    const wanted: MantineColorScheme = chosen === 'system' ? 'auto' : chosen
    if (wanted !== colorScheme) setColorScheme(wanted)
  }, [chosen, colorScheme, setColorScheme])
  return null
}
