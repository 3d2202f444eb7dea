// Before anything is drawn: the colours that were chosen last, else the system's. A file of its own, because the content
// security policy allows no script in the page. The studio's settings, once read, have the last word.
;(() => {
  let chosen = null
  try {
    chosen = localStorage.getItem('graft.theme')
  } catch {
    // Storage may be blocked; the system's choice is good then.
  }
  const isDark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')
})()
