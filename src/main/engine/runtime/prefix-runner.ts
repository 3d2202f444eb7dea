/**
 * What runs the frozen prefix: ONNX Runtime where it is faster and there is one, else the run's own session. ONNX Runtime keeps feature
 * maps in blocks that fit a core's cache, which is worth a quarter to a half of the time in networks of depthwise convolutions; the
 * dense ones of ResNets take as long in either, and a GPU is the session's alone.
 */
import { GraftError } from '../../../shared/domain/error'
import type { Device } from '../../../shared/domain/system'
import { compileOnnxPrefix, type OnnxPrefixOptions, PREFIX_INPUT, PREFIX_OUTPUT } from '../compile/onnx-prefix'
import type { NetworkSession } from './network-session'
import { onnxRuntimeVersion, OnnxSession } from './onnx-session'
import type { Feed, HostFeed } from './session'
import { intraOpThreads, loadTensorFlow } from './tensorflow'

/** Opening takes .1 to .2 s and a picture is 1.4 to 2.7 ms quicker then. */
const WORTH_OPENING_FROM = 100

export interface PrefixRunner {
  /** What computes, and with what: other bits may come from another. */
  readonly computedBy: string
  /** float32 [N, side, side, 3] in 0…1 → the value at the cut, row after row. A tensor of the session's is released. */
  run(pictures: Feed): Promise<Float32Array>
  close(): Promise<void>
}

export interface PrefixOptions extends OnnxPrefixOptions {
  /** Pictures of a stage, each view of one counted: what a run decides by, whether or not some of them are kept already. */
  readonly pictures: number
  /** Pictures from which on ONNX Runtime is opened; as many as make up for it where left out. */
  readonly opensFrom?: number | undefined
  /** What the session runs on. */
  readonly device?: Pick<Device, 'kind'>
}

/** The runner for a network's prefix. ONNX Runtime is opened with the first pictures; the weights must stay as they are until then. */
export function choosePrefix(session: NetworkSession, options: PrefixOptions): PrefixRunner {
  const { network, pictures, opensFrom = WORTH_OPENING_FROM, device = loadTensorFlow().device } = options
  const isDepthwise = network.layers.some((layer) => layer.kind === 'conv' && layer.groups > 1)
  if (device.kind === 'gpu' || !isDepthwise || pictures < opensFrom) return new SessionPrefix(session)
  try {
    return new OnnxPrefix(onnxRuntimeVersion(), session, options)
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
  private readonly threads = intraOpThreads()
  private opened: Promise<OnnxSession> | null = null

  constructor(
    version: string,
    private readonly session: NetworkSession,
    private readonly options: OnnxPrefixOptions,
  ) {
    this.computedBy = `${version}, ${this.threads} threads`
  }

  async run(pictures: Feed): Promise<Float32Array> {
    const host: HostFeed = 'id' in pictures ? { shape: pictures.shape, data: this.session.read(pictures) } : pictures
    if (!(host.data instanceof Float32Array)) throw new Error('Pictures are fed as float32')
    // Beside it other threads augment the pictures that come next.
    const runtime = await (this.opened ??= OnnxSession.open(compileOnnxPrefix(this.options), this.threads, 'sleeping'))
    const results = await runtime.run(new Map([[PREFIX_INPUT, { shape: host.shape, data: host.data }]]))
    const features = results.get(PREFIX_OUTPUT)
    if (features === undefined) throw new Error('The prefix gave nothing')
    return features.data
  }

  async close(): Promise<void> {
    const runtime = await this.opened?.catch(() => null)
    await runtime?.close()
  }
}
