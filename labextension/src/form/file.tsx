import * as React from 'react';
import { fileSize } from '../model/format';
import { Button, Icon } from '../ui/parts';
import { IControl, IFound, useForm } from './context';
import { isObject, shownDraft } from './draft';
import { Frame } from './frame';
import { inWords } from './moment';
import { absolutePath, isAddress, PlaceError } from './places';
import { TextInput } from './text';
import { IElsewhere } from './source';
import { labelOf } from './words';

const DRAG_EVENTS = ['lm-dragenter', 'lm-dragover', 'lm-drop'] as const;

/** A file or folder: typed, chosen in the file browser, or dropped from it. */
export function FileControl(props: IControl): JSX.Element {
  const context = useForm();
  const { trans, browse, dropped, elsewhere } = context;
  const { field, draft, onDraft } = props;
  const shown = shownDraft(field, draft);
  const text = isObject(shown) ? String(shown.text) : String(shown ?? '');
  const found = useFound(props, text);
  const target = useDrop(event => {
    const [first] = dropped(event);
    if (first) {
      onDraft(first);
    }
  });
  const choose = async () => {
    const paths = await browse?.(field);
    if (paths?.[0]) {
      onDraft(paths[0]);
    }
  };
  return (
    <Frame
      {...props}
      isText
      note={
        <>
          {trans.__('Drop from the file browser, or type a path, https or s3 address.')}{' '}
          {elsewhere && elsewhereWords(elsewhere, trans)} {found && foundWords(found, trans)}
        </>
      }
    >
      <div className="jp-eodh-FileRow" ref={target}>
        <TextInput
          {...props}
          onText={given => onDraft(given === '' ? undefined : given)}
          before={<Icon name={field.kind === 'directory' ? 'folder' : isAddress(text) ? 'stac' : 'text'} />}
        />
        {browse && (
          <Button
            icon="folder"
            className="jp-mod-large jp-eodh-Browse"
            aria-label={trans.__('Browse for %1', labelOf(field))}
            onClick={() => void choose()}
          >
            <span>{trans.__('Browse')}</span>
          </Button>
        )}
      </div>
    </Frame>
  );
}

function elsewhereWords({ limit_bytes }: IElsewhere, trans: ReturnType<typeof useForm>['trans']): string {
  return limit_bytes === null
    ? trans.__('A file of this server is sent to the runner at launch.')
    : trans.__('A file of this server is sent to the runner at launch, up to %1.', fileSize(limit_bytes));
}

function foundWords(found: IFound, trans: ReturnType<typeof useForm>['trans']): string {
  const facts = [
    ...(found.size_bytes !== undefined ? [fileSize(found.size_bytes)] : []),
    ...(found.modified ? [inWords(found.modified.slice(0, 10))] : [])
  ];
  return facts.length ? trans.__('Found: %1.', facts.join(', ')) : trans.__('Found.');
}

/** Look for what was typed, when it stays so for a moment. */
function useFound({ field, path }: IControl, text: string): IFound | null {
  const { model, look, trans } = useForm();
  const [found, setFound] = React.useState<IFound | null>(null);
  React.useEffect(() => {
    setFound(null);
    model.setMissing(path, null);
    const given = text.trim();
    if (given === '' || isAddress(given)) {
      return undefined;
    }
    let isOver = false;
    const timer = window.setTimeout(async () => {
      const answer = await search(given);
      if (isOver || !answer) {
        return;
      }
      const isRight = answer.isThere && answer.isFolder === (field.kind === 'directory');
      setFound(isRight ? answer : null);
      if (!isRight) {
        const noun =
          field.kind === 'directory' ? trans.__('%1 is a file.', given) : trans.__('%1 is a folder.', given);
        model.setMissing(path, answer.isThere ? noun : trans.__('Nothing at %1.', given));
      }
    }, 300);
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };

    async function search(place: string) {
      try {
        return await look(absolutePath(place, model.context.root));
      } catch (error) {
        if (error instanceof PlaceError) {
          return null;
        }
        throw error;
      }
    }
  }, [text, path, field.kind, model, look, trans]);
  return found;
}

/** Take what is dragged from the file browser over an element. */
export function useDrop(onDrop: (event: Event) => void): React.RefObject<HTMLDivElement> {
  const target = React.useRef<HTMLDivElement>(null);
  const last = React.useRef(onDrop);
  last.current = onDrop;
  React.useEffect(() => {
    const node = target.current!;
    const take = (event: Event) => {
      const drag = event as Event & {
        mimeData?: { hasData(type: string): boolean };
        dropAction: string;
        proposedAction: string;
      };
      if (!drag.mimeData?.hasData('application/x-jupyter-icontents')) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      drag.dropAction = drag.proposedAction;
      node.classList.toggle('jp-mod-dropTarget', event.type !== 'lm-drop');
      if (event.type === 'lm-drop') {
        last.current(event);
      }
    };
    const leave = () => node.classList.remove('jp-mod-dropTarget');
    DRAG_EVENTS.forEach(name => node.addEventListener(name, take));
    node.addEventListener('lm-dragleave', leave);
    return () => {
      DRAG_EVENTS.forEach(name => node.removeEventListener(name, take));
      node.removeEventListener('lm-dragleave', leave);
    };
  }, []);
  return target;
}
