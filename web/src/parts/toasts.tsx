/** A short word on what was done, for some seconds. */
import { useEffect, useState } from 'preact/hooks';

/** Long enough to be read twice. */
const SHOWN_MS = 6_000;

let tell: (text: string) => void = () => undefined;

export function toast(text: string): void {
  tell(text);
}

export function Toasts() {
  const [text, setText] = useState('');
  useEffect(() => {
    tell = setText;
    return () => { tell = () => undefined; };
  }, []);
  useEffect(() => {
    if (text === '') return undefined;
    const timer = setTimeout(() => setText(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return <div class="toast-place" role="status">{text === '' ? null : <div class="toast">{text}</div>}</div>;
}
