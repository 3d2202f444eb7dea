/** graft models [NAME] */
import type { BackboneCard } from '../../../shared/domain/model'
import { GraftError } from '../../../shared/domain/error'
import { formatCount, formatMagnitude } from '../format'
import { nearestName } from '../../services/nearest-name'
import type { Verb } from '../program'
import { tableLines } from '../table'
import { writeLine, type Terminal } from '../terminal'

export const modelsVerb: Verb = {
  name: 'models',
  define(command, { terminal, studio }) {
    command
      .description('List the backbones, or the layers of one')
      .argument('[name]', 'a backbone, for its layers in the order they are frozen')
      .option('--json', 'One object a line on stdout and nothing else')
      .action(async (name: string | undefined, options: { json?: boolean }) => {
        const { backbones } = await studio().models.list()
        const chosen = name === undefined ? backbones : backbones.filter((card) => card.name === name)
        const [card] = chosen
        if (card === undefined) {
          const names = backbones.map((known) => known.name)
          const hint = name === undefined ? null : nearestName(name, names)
          throw new GraftError('NOT_FOUND', `There is no backbone "${name ?? ''}": one of ${names.join(', ')} was expected.`, {
            action: hint === null ? 'Choose one of them.' : `Did you mean ${hint}?`,
          })
        }
        if (options.json === true) for (const one of chosen) writeLine(terminal.stdout, JSON.stringify(one))
        else if (name === undefined) writeCards(terminal, backbones)
        else writeCard(terminal, card)
      })
  },
}

function writeCards(terminal: Terminal, cards: readonly BackboneCard[]): void {
  const rows = cards.map((card) => [
    card.name,
    card.title,
    formatMagnitude(card.parameters),
    formatMagnitude(card.macs),
    String(card.layers.length),
    card.weights.some(({ isPresent }) => isPresent) ? 'on this machine' : 'not here',
  ])
  const columns = [
    { title: 'name' },
    { title: 'network' },
    { title: 'parameters', align: 'right' as const },
    { title: 'multiply-adds', align: 'right' as const },
    { title: 'layers', align: 'right' as const },
    { title: 'ImageNet weights' },
  ]
  for (const line of tableLines(columns, rows)) writeLine(terminal.stdout, line)
}

function writeCard(terminal: Terminal, card: BackboneCard): void {
  const write = (text = '') => writeLine(terminal.stdout, text)
  write(`${card.title} (${card.name})`)
  write(card.description)
  write(`Paper      ${card.paper}`)
  write(`Parameters ${formatCount(card.parameters)} with a head for 1000 classes; multiply-adds ${formatMagnitude(card.macs)} at 224 pixels`)
  for (const weights of card.weights) {
    write(`Weights    ${weights.name}, ${weights.licence}: ${weights.isPresent ? weights.path : 'not on this machine'}`)
    if (!weights.isPresent) write(`           To have them, put ${weights.fileName}${weights.url === null ? '' : ` (${weights.url})`} at ${weights.path}`)
  }
  write()
  write(`Layers that a freeze ratio counts, from the picture on; ratio r freezes the first r of ${card.layers.length}`)
  const number = { align: 'right' as const }
  const rows = card.layers.map((layer, index) => [String(index + 1), layer.name, layer.stage, formatCount(layer.parameters), formatMagnitude(layer.macs)])
  const columns = [{ title: '#', ...number }, { title: 'layer' }, { title: 'stage' }, { title: 'parameters', ...number }, { title: 'multiply-adds', ...number }]
  for (const line of tableLines(columns, rows)) write(line)
}
