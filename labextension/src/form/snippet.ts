import { magicCode } from './magic';
import { FormModel } from './model';
import { pythonCode } from './python';
import { ISnippet } from './view';

/** Give the code that launches what a form holds. */
export function snippetOf({ form, inputs }: FormModel, language: ISnippet['language']): ISnippet {
  const code =
    language === 'python'
      ? pythonCode(
          form.process,
          inputs.map(([name, value]) => [name, value])
        )
      : magicCode(
          form.process,
          inputs.map(([name, value, field]) => [name, value, field.schema])
        );
  return { language, code };
}
