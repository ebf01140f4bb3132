import { isName, pythonText } from '../form/python';
import { quoted } from '../form/magic';
import { IJob } from '../model/wire';

/** Give Python that takes up a job. */
export function jobAsPython(job: IJob): string {
  return `from eodh_jupyter import Client\n\njob = Client().job(${pythonText(job.jobID)})\njob`;
}

/** Give Python that launches a process; `...` stands for the inputs that it needs. */
export function processAsPython(id: string, names: string[]): string {
  const inputs = names.map(name =>
    isName(name) ? `    ${name}=...,\n` : `    **{${pythonText(name)}: ...},\n`
  );
  const order = inputs.length > 0 ? `\n${inputs.join('')}` : '';
  return `from eodh_jupyter import Client\n\njob = Client().process(${pythonText(id)}).execute(${order})\njob`;
}

/** Give the magic that launches a process; its inputs are to be filled in. */
export function processAsMagic(id: string, names: string[]): string {
  const inputs = names.map(name => ` -i ${quoted(name)}=`).join('');
  return `%workflow launch ${quoted(id)}${inputs} -o job`;
}
