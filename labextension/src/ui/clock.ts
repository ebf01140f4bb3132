import * as React from 'react';
import { onTick } from './tick';

export { onTick } from './tick';

/** Give the present time, by the page's one clock; null asks for no ticks. */
export function useNow(since: string | null): number {
  const [now, setNow] = React.useState(Date.now);
  React.useEffect(() => (since === null ? undefined : onTick(setNow, Date.parse(since))), [since]);
  return now;
}
