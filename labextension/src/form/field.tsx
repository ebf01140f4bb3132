import * as React from 'react';
import { FieldKind } from '../model/wire';
import { ArrayControl } from './array';
import { BoxControl } from './bbox';
import { BooleanControl, ChoiceControl } from './choice';
import { IControl } from './context';
import { FileControl } from './file';
import { GeometryControl } from './geometry-control';
import { RecordControl, UnionControl } from './group';
import { IntervalControl, MomentControl } from './moment-control';
import { NumberControl } from './number';
import { TextControl } from './text';

const CONTROLS: Record<FieldKind, (props: IControl) => JSX.Element> = {
  text: TextControl,
  long_text: TextControl,
  secret: TextControl,
  json: TextControl,
  integer: NumberControl,
  number: NumberControl,
  boolean: BooleanControl,
  choice: ChoiceControl,
  date: MomentControl,
  datetime: MomentControl,
  interval: IntervalControl,
  bbox: BoxControl,
  geometry: GeometryControl,
  file: FileControl,
  directory: FileControl,
  array: ArrayControl,
  record: RecordControl,
  union: UnionControl
};

/** The control of a field, by its kind. */
export function FieldControl(props: IControl): JSX.Element {
  const Control = CONTROLS[props.field.kind] ?? TextControl;
  return <Control {...props} />;
}
