// How published protocols are asked for.

import { z } from 'zod';
import { name } from '../values.js';

export const protocolParams = z.strictObject({ name: z.string().max(200).meta({ description: 'Protocol name' }) });
export const protocolQuery = z.strictObject({ version: name.optional() });
