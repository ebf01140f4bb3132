/** Give the schema of a command's arguments: each a text with what it is. */
export function texts(
  properties: Record<string, string>,
  required: string[] = []
): { args: { type: 'object'; properties: Record<string, any>; required: string[] } } {
  const described = Object.entries(properties).map(([name, description]) => [
    name,
    { type: 'string', description }
  ]);
  return { args: { type: 'object', properties: Object.fromEntries(described), required } };
}

/** Of a command that takes none. */
export const NO_ARGUMENTS = texts({});
