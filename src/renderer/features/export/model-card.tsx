/** A model card to read. Its text is drawn as text: no markup in a name becomes markup here. */
import { Fragment, useMemo } from 'react'
import type { ExportReport } from '../../../shared/domain/export'
import { type CardBlock, cardBlocks } from './card-blocks'
import classes from './model-card.module.css'

export function ModelCard({ card }: { card: ExportReport['card'] }) {
  const blocks = useMemo(() => cardBlocks(card.text), [card.text])
  return (
    <div className={classes.card} tabIndex={0} role="region" aria-label={card.file}>
      {blocks.map((block, index) => (
        <Fragment key={index}>{drawn(block)}</Fragment>
      ))}
    </div>
  )
}

function drawn(block: CardBlock): React.JSX.Element {
  switch (block.kind) {
    case 'heading':
      // Below the heading of the report that it stands in.
      return block.level === 1 ? <h3 className={classes.title}>{block.text}</h3> : <h4 className={classes.section}>{block.text}</h4>
    case 'paragraph':
      return <p>{block.text}</p>
    case 'list':
      return (
        <ul className={classes.list}>
          {block.items.map((item, index) => (
            <li key={index}>{item}</li>
          ))}
        </ul>
      )
    case 'table':
      return <CardTable block={block} />
  }
}

function CardTable({ block: { header, rows, alignments } }: { block: Extract<CardBlock, { kind: 'table' }> }) {
  const side = (index: number) => (alignments[index] === 'right' ? 'number' : undefined)
  const isNamed = header.some((cell) => cell !== '')
  return (
    <table className={`plain ${classes.table}`}>
      {isNamed && (
        <thead>
          <tr>
            {header.map((cell, index) =>
              cell === '' ? (
                <td key={index} />
              ) : (
                <th key={index} scope="col" className={side(index)}>
                  {cell}
                </th>
              ),
            )}
          </tr>
        </thead>
      )}
      <tbody>
        {rows.map((row, place) => (
          <tr key={place}>
            {row.map((cell, index) => (
              <td key={index} className={side(index)}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
