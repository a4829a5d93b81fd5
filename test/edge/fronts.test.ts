import { startStorage } from '../support/repositories.ts'
import { PROXIES } from './fronts/fronts.ts'
import { crossFrontsWithDoors } from './fronts/matrix.ts'

crossFrontsWithDoors(PROXIES, () => startStorage('deb', 'npm'))
