/**
 * What runs the frozen prefix: ONNX Runtime where it is faster and there is one, else the run's own session. ONNX Runtime keeps feature
 * maps in blocks that fit a core's cache, which is worth a half to two thirds of the time in networks of depthwise convolutions; the
 * dense ones of ResNets take as long in either.
 */
import { GraftError } from '../../../shared/domain/error'
import { compileOnnxPrefix, type OnnxPrefixOptions, PREFIX_INPUT, PREFIX_OUTPUT } from '../compile/onnx-prefix'
import type { NetworkSession } from './network-session'
import { OnnxSession } from './onnx-session'
import type { Feed, HostFeed } from './session'
import { intraOpThreads } from './tensorflow'

export interface PrefixRunner {
  /** What computes, and with what: other bits may come from another. */
  readonly computedBy: string
  /** float32 [N, side, side, 3] in 0…1 → the value at the cut, row after row. A tensor of the session's is released. */
  run(pictures: Feed): Promise<Float32Array>
  close(): Promise<void>
}

/** The runner for a network's prefix. The weights are read before it returns. */
export async function openPrefix(session: NetworkSession, options: OnnxPrefixOptions): Promise<PrefixRunner> {
  const isDepthwise = options.network.layers.some((layer) => layer.kind === 'conv' && layer.groups > 1)
  if (!isDepthwise) return new SessionPrefix(session)
  const threads = intraOpThreads()
  try {
    return new OnnxPrefix(await OnnxSession.open(compileOnnxPrefix(options), threads), session, threads)
  } catch (error) {
    // Macs with Intel processors have none: the session does it all the same.
    if (error instanceof GraftError && error.code === 'UNSUPPORTED') return new SessionPrefix(session)
    throw error
  }
}

export class SessionPrefix implements PrefixRunner {
  readonly computedBy = `TensorFlow, ${intraOpThreads()} threads`

  constructor(private readonly session: NetworkSession) {}

  run(pictures: Feed): Promise<Float32Array> {
    return Promise.resolve(this.session.read(this.session.prefix(pictures)))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

class OnnxPrefix implements PrefixRunner {
  readonly computedBy: string

  constructor(
    private readonly runtime: OnnxSession,
    private readonly session: NetworkSession,
    threads: number,
  ) {
    this.computedBy = `${runtime.version}, ${threads} threads`
  }

  async run(pictures: Feed): Promise<Float32Array> {
    const host: HostFeed = 'id' in pictures ? { shape: pictures.shape, data: this.session.read(pictures) } : pictures
    if (!(host.data instanceof Float32Array)) throw new Error('Pictures are fed as float32')
    const results = await this.runtime.run(new Map([[PREFIX_INPUT, { shape: host.shape, data: host.data }]]))
    const features = results.get(PREFIX_OUTPUT)
    if (features === undefined) throw new Error('The prefix gave nothing')
    return features.data
  }

  close(): Promise<void> {
    return this.runtime.close()
  }
}
