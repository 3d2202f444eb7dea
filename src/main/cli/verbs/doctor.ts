/** graft doctor */
import { EXIT_FAILED } from '../exit-codes'
import { ExitWithCode } from '../failure'
import { printable } from '../format'
import { finishStream } from '../stream'
import type { Verb } from '../program'
import { writeLine } from '../terminal'

const MARKS = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' } as const

export const doctorVerb: Verb = {
  name: 'doctor',
  define(command, { terminal, studio }) {
    command
      .description('Check this machine and the installation, and say what to do about what fails')
      .option('--json', 'One object a check on stdout and nothing else')
      .option('--diagnostics', 'Only tell the machine, the installation and how runs ended, without a name of a person, a folder or a file: to send along with a question')
      .addHelpText('after', '\nThe exit code is 0 when nothing failed and 1 otherwise; warnings do not count.\n')
      .action(async (options: { json?: boolean; diagnostics?: boolean }) => {
        if (options.diagnostics === true) {
          const { text } = await studio().diagnostics.text()
          terminal.stdout.write(text.split('\n').map(printable).join('\n'))
          return
        }
        const { checks } = await finishStream(terminal, { quiet: options.json === true }, (signal) => studio().system.doctor(signal))
        const width = Math.max(...checks.map(({ name }) => name.length))
        for (const check of checks) {
          if (options.json === true) {
            writeLine(terminal.stdout, JSON.stringify(check))
            continue
          }
          writeLine(terminal.stdout, `${MARKS[check.status]}  ${check.name.padEnd(width)}  ${printable(check.value)}`)
          if (check.action !== null) writeLine(terminal.stdout, `${' '.repeat(width + 11)}${printable(check.action)}`)
        }
        const failed = checks.filter(({ status }) => status === 'failed').length
        if (failed > 0) throw new ExitWithCode(EXIT_FAILED)
      })
  },
}
