import { fileSize } from '../model/format';
import { clean, ITrans } from '../model/words';

/** One result, as the card lists it. */
export interface IResult {
  /** Path within the job: the output, then entries. */
  name: string;
  title: string;
  type: string;
  size: number | null;
  isFile: boolean;
  /** The value itself, when it is a plain one. */
  text: string | null;
}

/** Give the results of a results map in its order; entries of lists stand for themselves. */
export function resultsOf(map: Record<string, unknown>, trans: ITrans): IResult[] {
  return Object.entries(map).flatMap(([name, value]) => {
    if (Array.isArray(value) && value.length > 0 && value.every(isLink)) {
      return value.map((entry, index) => resultOf(`${name}/${index}`, entry, trans));
    }
    return [resultOf(name, value, trans)];
  });
}

function resultOf(name: string, value: any, trans: ITrans): IResult {
  if (!isLink(value)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return { name, title: clean(name, 200), type: '', size: null, isFile: false, text: clean(text, 120) };
  }
  const isFolder = value.rel === 'directory';
  return {
    name,
    title: clean(value.title ?? name, 200),
    type: isFolder ? trans.__('Folder') : kindOf(String(value.type ?? ''), String(value.title ?? '')),
    size: typeof value.length === 'number' ? value.length : null,
    isFile: !isFolder,
    text: null
  };
}

function isLink(value: any): boolean {
  return typeof value === 'object' && value !== null && typeof value.href === 'string';
}

const KINDS: Record<string, string> = {
  'image/tiff': 'GeoTIFF',
  'image/png': 'PNG',
  'image/jpeg': 'JPEG',
  'text/csv': 'CSV',
  'text/plain': 'Text',
  'text/html': 'HTML',
  'application/json': 'JSON',
  'application/geo+json': 'GeoJSON',
  'application/geopackage+sqlite3': 'GeoPackage',
  'application/vnd.apache.parquet': 'Parquet',
  'application/x-netcdf': 'NetCDF',
  'application/zip': 'ZIP'
};

/** Give the name of a media type that people use. */
export function kindOf(mediaType: string, title: string): string {
  const bare = mediaType.split(';')[0].trim().toLowerCase();
  if (bare === 'application/json' && /^(catalog|collection)\.json$/.test(title)) {
    return 'STAC';
  }
  const ending = /\.(\w{1,8})$/.exec(title)?.[1].toUpperCase();
  return KINDS[bare] ?? ending ?? clean(bare, 40);
}

export function isPicture(result: IResult): boolean {
  return result.isFile && ['GeoTIFF', 'PNG', 'JPEG'].includes(result.type);
}

export function iconOf(result: IResult): string {
  if (isPicture(result)) {
    return 'raster';
  }
  const icons: Record<string, string> = { CSV: 'table', Parquet: 'table', STAC: 'stac' };
  return icons[result.type] ?? (!result.isFile && result.text === null ? 'folder' : 'text');
}

const READERS: Record<string, string> = {
  GeoTIFF: '.to_xarray()',
  NetCDF: '.to_xarray()',
  CSV: '.to_pandas()',
  Parquet: '.to_pandas()',
  GeoJSON: '.to_pandas()',
  GeoPackage: '.to_pandas()',
  STAC: '.to_stac()',
  JSON: '.json()',
  Text: '.text()'
};
const KEYWORDS = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for ' +
    'from global if import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' ')
);

/** Give the Python that reads a result: what the card shows. */
export function codeFor(jobID: string, result: IResult): string {
  const [output, ...entries] = result.name.split('/');
  const variable = output.replace(/\W/g, '_').replace(/^(?=\d|$)/, '_');
  const name = KEYWORDS.has(variable) ? `${variable}_` : variable;
  const places = entries.map(entry => `[${entry}]`).join('');
  const read =
    result.text !== null ? '.value' : !result.isFile ? '.path()' : (READERS[result.type] ?? '.path()');
  const job = JSON.stringify(jobID.slice(0, 8));
  return `${name} = Client().job(${job}).results[${JSON.stringify(output)}]${places}${read}`;
}

/** Give the same with what it needs, to stand in a cell of its own. */
export function cellFor(jobID: string, result: IResult): string {
  return `from eodh_jupyter import Client\n\n${codeFor(jobID, result)}`;
}

/** Give the line over a list of results. */
export function resultTotal(results: IResult[], trans: ITrans): string {
  const size = results.reduce((sum, result) => sum + (result.size ?? 0), 0);
  const count = trans._n('Results · %1 object', 'Results · %1 objects', results.length);
  return size ? `${count}, ${fileSize(size)}` : count;
}
