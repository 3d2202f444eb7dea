// Says what set-up does, on stderr only: stdout belongs to the verb that runs afterwards.
const plainIntervalMs = 5000
const terminalIntervalMs = 100

export function formatBytes(bytes) {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(0)} MB`
  if (bytes >= 1e3) return `${(bytes / 1e3).toFixed(0)} kB`
  return `${bytes} B`
}

export function formatDuration(durationMs) {
  const seconds = durationMs / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

/**
 * One step at a time: start(title), then progress / note as it goes, then done or fail.
 * @param {{ stream?: NodeJS.WritableStream & { isTTY?: boolean, columns?: number }, now?: () => number }} [options]
 */
export function createReporter({ stream = process.stderr, now = Date.now } = {}) {
  const terminal = stream.isTTY === true
  let startedAt = 0
  let title = ''
  let lastShownAt = 0
  let lineOpen = false

  function clearLine() {
    if (lineOpen) stream.write('\r\x1b[2K')
    lineOpen = false
  }
  function line(text) {
    clearLine()
    stream.write(`${text}\n`)
  }

  return {
    /** A step begins: what it does, and how large it is where that is known. */
    start(text) {
      title = text
      startedAt = now()
      lastShownAt = startedAt
      line(`[set-up] ${text} ...`)
    },
    /** done and total in the same unit; bytes unless format says otherwise. */
    progress(text, done, total, format = formatBytes) {
      const time = now()
      if (time - lastShownAt < (terminal ? terminalIntervalMs : plainIntervalMs)) return
      lastShownAt = time
      const percentage = total > 0 ? `${Math.min(100, Math.floor((done / total) * 100))} %` : ''
      const shown = `[set-up]   ${text}: ${percentage} ${format(done)}${total > 0 ? ` of ${format(total)}` : ''}`
      if (!terminal) {
        line(shown)
        return
      }
      clearLine()
      stream.write(shown.slice(0, (stream.columns ?? 80) - 1))
      lineOpen = true
    },
    note(text) {
      line(`[set-up]   ${text}`)
    },
    done(text = 'done') {
      line(`[set-up] ${title}: ${text} (${formatDuration(now() - startedAt)})`)
    },
    fail(text) {
      line(`[set-up] ${title}: failed. ${text}`)
    },
    /** A line outside any step. */
    say(text) {
      line(text)
    },
  }
}
