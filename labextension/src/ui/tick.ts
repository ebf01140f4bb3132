const listeners = new Map<(now: number) => void, number>();
let timer = 0;

/** Be called as time passes: each second for what is under a minute old, else each minute. */
export function onTick(listener: (now: number) => void, since: number): () => void {
  listeners.set(listener, since);
  timer = timer || window.setInterval(tick, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      window.clearInterval(timer);
      timer = 0;
    }
  };
}

function tick(): void {
  if (document.hidden) {
    return;
  }
  const now = Date.now();
  const isMinute = Math.floor(now / 1000) % 60 === 0;
  listeners.forEach((since, listener) => {
    if (isMinute || now - since < 65000) {
      listener(now);
    }
  });
}
