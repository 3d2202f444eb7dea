/** The two ways a file of weights fails, with names out of the file made safe to show. */
import { GraftError } from '../../../shared/domain/error'

export { shown } from '../../../shared/domain/shown'

const GET_AGAIN = 'Copy or download the file again, and check that it is a file of weights.'

/** The file is not what it should be; `message` says what was expected and what came. */
export function unreadable(message: string, action: string = GET_AGAIN): GraftError {
  return new GraftError('UNREADABLE', message, { action })
}

const TRUST =
  'Do not open this file in Python. Get the weights from a source you trust, as safetensors or from torch.save(model.state_dict(), …).'

/** The file asks for something that is never allowed; `message` names it. */
export function refused(message: string, action: string = TRUST): GraftError {
  return new GraftError('REFUSED', message, { action })
}

export const SAVE_STATE_DICT =
  'If you made this file, save the weights alone in Python, torch.save(model.state_dict(), "weights.pth"), and choose that file.'
