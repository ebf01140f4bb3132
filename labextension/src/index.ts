import { core } from './shell/core';
import { page } from './page/plugin';
import { panel } from './panel/plugin';

export default [core, page, panel];
