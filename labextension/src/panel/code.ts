import { IJob } from '../model/wire';

/** Give Python that takes up a job. */
export function jobAsPython(job: IJob): string {
  return `from eodh_jupyter import Client\n\njob = Client().job(${JSON.stringify(job.jobID)})\njob`;
}

/** Give Python that launches a process; its inputs without a default are to be filled in. */
export function insertAsPython(id: string, names: string[]): string {
  const inputs = names.map(name => `    ${JSON.stringify(name)}: ...,\n`).join('');
  const launch = inputs ? `process.launch(**{\n${inputs}})` : 'process.launch()';
  return (
    'from eodh_jupyter import Client\n\n' +
    `process = Client().process(${JSON.stringify(id)})\njob = ${launch}\njob`
  );
}

/** Give the magic that launches a process. */
export function insertAsMagic(id: string, names: string[]): string {
  const inputs = names.map(name => ` -i ${name}=`).join('');
  return `%workflow launch ${id}${inputs} -o job`;
}
