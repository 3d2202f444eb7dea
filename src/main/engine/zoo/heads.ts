/** What is put on the pooled features: the published head, or one of the two deeper ones, which take its place. */
import type { HeadName } from '../../../shared/domain/run-config'
import type { Backbone, Pooled } from './backbone'
import type { NetworkBuilder } from './network'

export interface HeadRule {
  /** First dropout where none is asked for; null: as the backbone was published. */
  readonly dropout: number | null
  /** Prefixes of the parameters that start fresh on a pretrained backbone. */
  fresh(backbone: Backbone): string
  /** From the pooling to the logits; later dropouts are half the first. */
  write(net: NetworkBuilder, pooled: Pooled, backbone: Backbone, options: { classes: number; dropout: number }): string
}

/** Width of the first hidden layer of `mlp` and `deep`, and of the second of `deep`. */
const HIDDEN = 512
const SECOND_HIDDEN = 128

export const HEAD_RULES: Readonly<Record<HeadName, HeadRule>> = {
  linear: {
    dropout: null,
    fresh: (backbone) => backbone.classifier,
    write: (net, pooled, backbone, options) => backbone.writeLinearHead(net, pooled, options),
  },
  /** Names as in nn.Sequential(Dropout, Linear, ReLU, Dropout, Linear). */
  mlp: {
    dropout: 0.3,
    fresh: (backbone) => backbone.headModule,
    write(net, pooled, { headModule }, { classes, dropout }) {
      let x = net.linear(`${headModule}.1`, net.dropout(pooled.value, dropout), pooled.channels, HIDDEN)
      x = net.dropout(net.activation(x, 'relu'), dropout / 2)
      return net.linear(`${headModule}.4`, x, HIDDEN, classes)
    },
  },
  /** Names as in nn.Sequential(Dropout, Linear, ReLU, BatchNorm1d, Dropout, Linear, ReLU, BatchNorm1d, Dropout, Linear). */
  deep: {
    dropout: 0.5,
    fresh: (backbone) => backbone.headModule,
    write(net, pooled, { headModule }, { classes, dropout }) {
      let x = net.linear(`${headModule}.1`, net.dropout(pooled.value, dropout), pooled.channels, HIDDEN)
      x = net.dropout(net.batchNorm(`${headModule}.3`, net.activation(x, 'relu'), HIDDEN), dropout / 2)
      x = net.linear(`${headModule}.5`, x, HIDDEN, SECOND_HIDDEN)
      x = net.dropout(net.batchNorm(`${headModule}.7`, net.activation(x, 'relu'), SECOND_HIDDEN), dropout / 2)
      return net.linear(`${headModule}.9`, x, SECOND_HIDDEN, classes)
    },
  },
}
