/** The few pages that the server writes itself: no script, no picture, nothing from outside. */

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request cannot be read',
  401: 'The studio needs its address with the token',
  403: 'Not allowed',
  404: 'There is nothing here',
  405: 'Not allowed',
  413: 'Too large',
  500: 'The studio failed',
  503: 'The studio is not built yet',
}

export function page(status: number, reason: string): string {
  const title = TITLES[status] ?? 'The studio cannot answer'
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}</title>
<body style="font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1.5rem">
<h1 style="font-size: 1.4rem">${escape(title)}</h1>
<p>${escape(reason)}</p>
${status === 401 ? '<p>It looks like <code>http://127.0.0.1:PORT/?token=...</code> and is new at each start. This keeps other people and other pages on this machine out.</p>\n' : ''}</body>
</html>
`
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
