// The command with which a person accepts the journal of a workcell, as it works where it is typed or pasted, also without a terminal.

export function toAcceptCommand(workcell: string): string {
  return `praxis accept-journal --workcell ${workcell} --note 'what you saw' --yes`;
}
