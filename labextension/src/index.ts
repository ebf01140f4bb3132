import { core } from './shell/core';
import { panel } from './panel/plugin';

export default [core, panel];
