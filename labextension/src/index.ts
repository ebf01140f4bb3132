import { card } from './card/plugin';
import { form } from './form/plugin';
import { page } from './page/plugin';
import { panel } from './panel/plugin';
import { commands } from './shell/commands';
import { core } from './shell/core';
import { files } from './shell/files';
import { notify } from './shell/notify';
import { running } from './shell/running';
import { status } from './shell/status';

export default [core, card, commands, files, form, notify, page, panel, running, status];
