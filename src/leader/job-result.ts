/** The leader's part in making a job's result: what must happen before the tasks publish theirs, and after. */
import { join } from 'node:path';
import { abandonFolder, prepareFolder, publishFolder, unpublishFolder } from '../connect/part-folder.ts';
import { removePartial } from '../connect/file-sink.ts';
import { partName } from '../connect/part-name.ts';
import type { Deployment } from '../control/schemas.ts';

export class JobResult {
  readonly #sink: Deployment['sink'];
  readonly #folder: string | undefined;
  readonly #parts: number;
  #madeFolder = false;

  /** `parts`: how many tasks write part files, where the result is a folder. */
  constructor(sink: Deployment['sink'], parts: number) {
    this.#sink = sink;
    this.#folder = sink.kind === 'folder' ? sink.path : undefined;
    this.#parts = parts;
  }

  /** Before any task starts. Throws SINK_FAILED. */
  async begin(): Promise<void> {
    if (this.#folder !== undefined) this.#madeFolder = await prepareFolder(this.#folder);
  }

  /**
   * Every task has finished: `publishTasks` makes what each has written visible, or gives false where one could not. Then
   * this gives false as well, and is called again when that has been mended. Throws what one of the steps throws.
   */
  async publish(publishTasks: () => Promise<boolean>): Promise<boolean> {
    if (this.#folder !== undefined) await unpublishFolder(this.#folder);
    if (!(await publishTasks())) return false;
    if (this.#folder !== undefined) await publishFolder(this.#folder, this.#parts);
    return true;
  }

  /** The job ended without a result, and no task writes any more. Also removes what a worker that was killed left half written. */
  async abandon(): Promise<void> {
    for (const path of this.#results()) await removePartial(path);
    if (this.#folder !== undefined) await abandonFolder(this.#folder, this.#madeFolder);
  }

  /** The files that the tasks write. */
  #results(): string[] {
    const sink = this.#sink;
    if (sink.kind === 'file') return [sink.path];
    if (sink.kind !== 'folder') return [];
    return Array.from({ length: this.#parts }, (_, index) => join(sink.path, partName(index)));
  }
}
