/** Where files are: paths of JupyterLab's browser, of the server's disk, and addresses. */

/** Drives of JupyterLab that show the server's own disk. */
const LOCAL_DRIVES = ['', 'RTC'];

export class PlaceError extends Error {}

/** Whether it names something elsewhere: `https://…`, `s3://…`, `eodh-store:///…`. */
export function isAddress(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text) && !isFileAddress(text);
}

function isFileAddress(text: string): boolean {
  return /^file:\/\//i.test(text);
}

/** Give the path on the server's disk of a path of the file browser, `RTC:scenes/a.tif`. */
export function diskPath(path: string, root: string): string {
  const [, drive, local] = /^(?:([^:/]*):)?(.*)$/s.exec(path)!;
  if (!LOCAL_DRIVES.includes(drive ?? '')) {
    throw new PlaceError(drive);
  }
  return normal(`${root}/${local}`);
}

/** Give the absolute path that a typed text means: relative ones begin where the file browser does. */
export function absolutePath(text: string, root: string): string {
  const given = text.trim();
  if (isFileAddress(given)) {
    return pathOfUri(given);
  }
  return given.startsWith('/') ? normal(given) : diskPath(given, root);
}

/** Give the path for the file browser of a path on the disk; null when it is not below the root. */
export function browserPath(path: string, root: string): string | null {
  const base = root === '/' ? '/' : `${root}/`;
  if (path === root || !path.startsWith(base)) {
    return null;
  }
  return path.slice(base.length);
}

/** Give the address of a path, for a File's location. */
export function uriOf(path: string): string {
  return `file://${path.split('/').map(encodeURIComponent).join('/')}`;
}

export function pathOfUri(uri: string): string {
  const path = uri.replace(/^file:\/\/(localhost)?/i, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') {
      parts.pop();
    } else if (part !== '' && part !== '.') {
      parts.push(part);
    }
  }
  return `/${parts.join('/')}`;
}
