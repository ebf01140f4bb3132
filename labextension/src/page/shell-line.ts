/** Give a command as a person would type it; what a shell would read otherwise is quoted. */
export function shellLine(command: string[]): string {
  return command
    .map(word => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
