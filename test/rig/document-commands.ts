// The commands in a document: lines of its blocks of shell, and of its blocks of output the lines behind a `$`; in running text what stands in
// backticks and begins with praxis.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { findProjectRoot } from '../../platform/paths.js';

export interface ShownCommand {
  /** As it is printed, without the remark behind it. */
  readonly text: string;
  readonly line: number;
  /** A whole line of a block, which is there to be typed. */
  readonly isWhole: boolean;
}

export async function readCommands(document: string): Promise<readonly ShownCommand[]> {
  const text = await readFile(path.join(findProjectRoot(), document), 'utf8');
  const commands: ShownCommand[] = [];
  let language: string | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^```(\w*)/u.exec(line);
    if (fence !== null) {
      language = language === undefined ? fence[1] : undefined;
      continue;
    }
    const add = (command: string, isWhole: boolean): void => void commands.push({ text: stripRemark(command), line: index + 1, isWhole });
    if (language === 'sh') add(line, true);
    else if (language === '' && line.startsWith('$ ')) add(line.slice(2), true);
    else if (language === undefined) for (const [, command = ''] of line.matchAll(/`((?:npx )?praxis [^`]+)`/gu)) add(command, false);
  }
  return commands.filter((command) => command.text !== '');
}

function stripRemark(line: string): string {
  return line.replace(/(?:^|\s+)#\s.*$/u, '').trim();
}

/** Words as a shell would make them of a line without variables, pipes and redirections; undefined of any other. */
export function splitWords(command: string): readonly string[] | undefined {
  const words: string[] = [];
  const pattern = /\s*((?:'[^']*'|"[^"$`]*"|[^\s'"$`|;&]+)+)/uy;
  for (let match = pattern.exec(command); match !== null; match = pattern.exec(command))
    words.push(
      (match[1] ?? '').replace(
        /'([^']*)'|"([^"]*)"/gu,
        (_quoted, single: string | undefined, double: string | undefined) => single ?? double ?? '',
      ),
    );
  return words.join('').length > 0 && words.length > 0 && isWholeCommand(command) ? words : undefined;
}

function isWholeCommand(command: string): boolean {
  return !/[|;&`]|\$\(/u.test(command.replace(/'[^']*'|"[^"]*"/gu, ''));
}
