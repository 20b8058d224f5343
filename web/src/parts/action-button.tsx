/** A button that asks first, and says what came of it: a short word, or the leader's own refusal and its hint. */
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { Refusal, SessionExpired, Unreachable } from '../api/call.ts';
import { linkIs } from '../live/link.ts';
import { toast } from './toasts.tsx';

export interface ActionButtonProps {
  readonly label: string;
  /** Where the label by itself does not say of what. */
  readonly spoken?: string;
  readonly title: string;
  readonly confirm: string;
  readonly danger?: boolean;
  readonly small?: boolean;
  /** Why it cannot be done now. */
  readonly impossible?: string | undefined;
  /** Does it, and gives the word for success. Throws what a call throws. */
  readonly act: () => Promise<string>;
  /** What will happen, and what else is asked. */
  readonly children: ComponentChildren;
}

export function ActionButton({ label, spoken, title, confirm, danger = false, small = false, impossible, act, children }: ActionButtonProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | undefined>();
  const [isOpen, setOpen] = useState(false);

  const ask = () => {
    setFailure(undefined);
    setOpen(true);
    dialog.current?.showModal();
  };
  const go = async () => {
    setBusy(true);
    setFailure(undefined);
    const result = await attempt(act);
    setBusy(false);
    if (typeof result !== 'string') return setFailure(result);
    dialog.current?.close();
    toast(result);
  };
  return (
    <>
      <button type="button" class={`button${danger ? ' button--danger' : ''}${small ? ' button--small' : ''}`} aria-label={spoken} disabled={impossible !== undefined} title={impossible} onClick={ask}>{label}</button>
      <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={() => setOpen(false)}>
        {isOpen ? (
          <form onSubmit={(event) => { event.preventDefault(); void go(); }}>
            <h2 id={id}>{title}</h2>
            {children}
            {failure === undefined ? null : <div class="notice notice--bad" role="alert"><p>{failure.message}</p>{failure.hint === undefined ? null : <p class="dim">{failure.hint}</p>}</div>}
            <div class="dialog__buttons">
              <button type="button" class="button" onClick={() => dialog.current?.close()}>{isBusy ? 'Close' : 'Leave it'}</button>
              <button type="submit" class={`button ${danger ? 'button--danger-full' : 'button--full'}`} disabled={isBusy}>{isBusy ? 'Waiting…' : confirm}</button>
            </div>
          </form>
        ) : null}
      </dialog>
    </>
  );
}

interface Failure {
  readonly message: string;
  readonly hint?: string | undefined;
}

async function attempt(act: () => Promise<string>): Promise<string | Failure> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Refusal) return { message: error.message, hint: error.hint };
    if (error instanceof Unreachable) return { message: 'The leader does not answer.', hint: 'Whether it was done can be seen when it does again.' };
    if (!(error instanceof SessionExpired)) throw error;
    linkIs.expired();
    return { message: 'The session has expired.' };
  }
}
