/** Settles the language, then loads the studio. */
import '@mantine/core/styles.css'
import '@mantine/spotlight/styles.css'
import '@fontsource-variable/inter/wght.css'
import './ui/tokens.css'
import { settleLanguage } from './app/language'

await settleLanguage()
const { startStudio } = await import('./app/start')
startStudio()
