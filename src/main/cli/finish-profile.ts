/** What `--profile` does once a training has ended. */
import { printable } from './format'
import type { Studio } from '../services/studio'
import { profileLines } from './profile-text'
import { finishStream } from './stream'
import { type Terminal, writeLine } from './terminal'

export const PROFILE_HELP = 'Say where the time went: by phase, and by block and oneDNN primitive of a training step, which takes up to half a minute after the training; also in profile.json and profile.md'

export async function finishProfile(terminal: Terminal, studio: Studio, directory: string, { json }: { json: boolean }): Promise<void> {
  if (!json) writeLine(terminal.stderr, 'Taking a training step apart for the profile.')
  const { profile, markdownFile, jsonFile } = await finishStream(terminal, { quiet: json }, (signal) => Promise.resolve(studio.profiles.finish({ directory }, signal)))
  if (json) writeLine(terminal.stdout, JSON.stringify({ event: 'profile', file: jsonFile, total_s: profile.total_s, phases: profile.phases, step_ms: profile.layers?.step_ms ?? null }))
  else for (const line of profileLines(profile, printable(markdownFile))) writeLine(terminal.stdout, line)
}
