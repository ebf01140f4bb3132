import { IJob } from '../model/wire';

/** Give a list with its first page read anew: what is behind the page stays. */
export function withFirstPage(old: readonly IJob[], page: readonly IJob[], isWhole: boolean): IJob[] {
  if (isWhole || page.length === 0) {
    return [...page];
  }
  const last = old.findIndex(job => job.jobID === page[page.length - 1].jobID);
  // With no job in common there may be others between the two: the list begins anew.
  return last < 0 ? [...page] : [...page, ...old.slice(last + 1)];
}

/** Give how many jobs of a page are newer than all of a list. */
export function countNewer(old: readonly IJob[], page: readonly IJob[]): number {
  const known = new Set(old.map(job => job.jobID));
  return page.filter(job => !known.has(job.jobID)).length;
}

/** Give a list whose jobs are as a page says, in the same places. */
export function withFacts(old: readonly IJob[], page: readonly IJob[]): IJob[] {
  const said = new Map(page.map(job => [job.jobID, job]));
  return old.map(job => said.get(job.jobID) ?? job);
}
