// The protocol `manual`: one command to a machine, given by hand. It is built in, because it drives whatever machine its
// run was given; what it may send was checked against the catalogue before the run was made.

import { LabError } from '../domain/errors/error.js';
import { isJsonObject } from '../domain/json/json.js';
import { MANUAL_DEFINITION, MANUAL_MACHINE } from '../domain/protocols/manual.js';
import { protocolFunction, type AnyProtocolFunction } from '../protocols/sdk/protocol-function.js';

type Execute = AnyProtocolFunction['execute'];

const { name, version, description } = MANUAL_DEFINITION;
const declared = protocolFunction({ name, version, description, parameters: {} }, () => Promise.resolve(null));

const sendByHand: Execute = async (world, { method, arguments: given }, assets) => {
  const machine = assets[MANUAL_MACHINE];
  if (!machine || typeof method !== 'string' || !isJsonObject(given)) {
    throw new LabError('PROTOCOL_ERROR', {
      message: 'A run of manual needs a machine, a method and arguments.',
      remedy: 'Give the command with: praxis machines command <machine> <method>.',
    });
  }
  return world.sender(machine)(method, given);
};

export const manualCommand: AnyProtocolFunction = Object.assign(declared as unknown as AnyProtocolFunction, { execute: sendByHand });
