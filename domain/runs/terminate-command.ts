// The command with which a person ends a workflow that the lab itself cannot end, as it works where it is typed: the stock
// `temporal` program knows neither the port nor the namespace of a lab. docs/operating.md says where that program lies.

export interface TemporalAddress {
  readonly address: string;
  readonly namespace: string;
}

export function toTerminateCommand({ address, namespace }: TemporalAddress, workflowId: string): string {
  return `temporal workflow terminate --address ${address} --namespace ${namespace} --workflow-id ${workflowId}`;
}
