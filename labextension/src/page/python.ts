import { isName, pythonText } from '../form/python';
import { IEntry } from '../model/wire';

/** Give code that has the job as an object. */
export function pythonOfJob(jobID: string): string {
  return `import eodh_jupyter\n\njob = eodh_jupyter.Client().job(${pythonText(jobID)})`;
}

/** Give code that has a result as what it is best read as. */
export function pythonOfResult(jobID: string, path: string[], entry: IEntry): string {
  const [output, ...inner] = path;
  const place =
    inner.length === 0 ? '' : isIndex(inner, entry) ? `[${inner[0]}]` : `[${pythonText(inner.join('/'))}]`;
  const name = nameOf(path);
  const found = `job.results[${pythonText(output)}]${place}`;
  return `${pythonOfJob(jobID)}\n${name} = ${found}${readerOf(entry)}\n${name}`;
}

/** An item of a list has a number for its name, and the file behind it another. */
function isIndex(inner: string[], entry: IEntry): boolean {
  return inner.length === 1 && /^\d+$/.test(inner[0]) && entry.basename !== undefined;
}

/** Whether a folder is named as one of Zarr. */
export function isZarr(entry: IEntry): boolean {
  return entry.kind === 'directory' && /\.zarr$/i.test(entry.basename ?? entry.name);
}

function readerOf(entry: IEntry): string {
  const type = entry.media_type ?? '';
  if (entry.kind === 'value') {
    return '.value';
  }
  if (entry.kind === 'directory') {
    return isZarr(entry) ? '.to_xarray()' : '';
  }
  if (/tiff|jp2|netcdf/.test(type)) {
    return '.to_xarray()';
  }
  if (/csv|parquet|geo\+json|geopackage/.test(type)) {
    return '.to_pandas()';
  }
  return type.includes('json') ? '.json()' : type.startsWith('text/') ? '.text()' : '';
}

/** Give a name for it that Python takes. */
function nameOf(path: string[]): string {
  const last = path.filter(name => !/^\d+$/.test(name)).pop() ?? 'result';
  const name = last
    .replace(/\.[^.]*$/, '')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return isName(name) && name !== 'job' ? name : `result_${name}`.replace(/_$/, '');
}
