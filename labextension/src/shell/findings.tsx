import * as React from 'react';
import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import { IProblem } from '../model/runner';
import { clean, ITrans } from '../model/words';
import { Button, Icon } from '../ui/parts';
import { ISource } from './source';

/** Show what is wrong with a document, at its lines. */
export async function showFindings(problem: IProblem, source: ISource, trans: ITrans): Promise<void> {
  await show(trans.__('%1 cannot be deployed', clean(source.name, 80)), problem, source, trans);
}

/** Show what a document that was deployed lacks. */
export async function showNotes(
  id: string,
  warnings: string[],
  source: ISource,
  trans: ITrans
): Promise<void> {
  const detail = trans.__('It runs as it is. The best practice for application packages asks for more:');
  const diagnostics = warnings.map(message => ({ message, severity: 'warning' }));
  await show(trans.__('Notes on %1', clean(id, 80)), { detail, diagnostics }, source, trans);
}

async function show(title: string, problem: IProblem, source: ISource, trans: ITrans): Promise<void> {
  const body = new Findings(problem, source, trans);
  const dialog = new Dialog({
    title,
    body,
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
  body.close = () => dialog.reject();
  await dialog.launch();
  await body.goes?.();
}

class Findings extends ReactWidget {
  constructor(
    private _problem: IProblem,
    private _source: ISource,
    private _trans: ITrans
  ) {
    super();
    this.addClass('jp-eodh');
    this.addClass('jp-eodh-Findings');
  }

  close: () => void = () => undefined;
  /** Where to go once the dialog is closed. */
  goes: (() => Promise<void>) | undefined;

  protected render(): JSX.Element {
    const { _problem: problem, _source: source, _trans: trans } = this;
    const found = problem.diagnostics ?? [];
    const detail = clean(problem.detail ?? problem.title, 600);
    // The only finding is not said twice.
    const isSaid = found.length === 1 && detail.includes(clean(found[0].message, 600));
    return (
      <>
        {!isSaid && <p>{detail}</p>}
        {problem.remedy && <p>{clean(problem.remedy, 600)}</p>}
        {found.length > 0 && (
          <ul>
            {found.map(({ message, line, column, severity }, index) => (
              <li key={index}>
                <Icon name={severity === 'warning' ? 'warn' : 'failed'} />
                <span className="jp-eodh-Text">
                  {line != null && (
                    <code>
                      {column != null
                        ? trans.__('line %1, column %2', line, column)
                        : trans.__('line %1', line)}
                    </code>
                  )}{' '}
                  {clean(message, 600)}
                </span>
                {line != null && source.show && (
                  <Button
                    aria-label={trans.__('Go to line %1', line)}
                    onClick={() => {
                      this.goes = () => source.show!(line, column ?? 1);
                      this.close();
                    }}
                  >
                    {trans.__('Go to line')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </>
    );
  }
}
