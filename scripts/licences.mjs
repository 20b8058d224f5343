// The licences of the libraries that are bundled into what is published, which has to come along with them.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes down who made what is in the bundles, and under which terms. `modules`: the paths of all files in them. */
export async function writeLicences(modules, target) {
  const folders = new Set([...modules].flatMap((path) => packageFolder(path) ?? []));
  const texts = await Promise.all([...folders].map(licenceOf));
  // One library may be there in two versions, and be in several bundles.
  const parts = [...new Set(texts)].toSorted();
  await writeFile(target, `RainStorm holds parts of these libraries, under their own licences.\n\n${parts.join('\n')}`);
}

/** `…/node_modules/@scope/name` for a file in it; undefined for a file of ours, or one that the bundler made. */
function packageFolder(path) {
  return /^(?<folder>.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.groups.folder;
}

async function licenceOf(folder) {
  const { name, version, license, author } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (typeof license !== 'string') throw new Error(`${name} is bundled and does not say under which licence: look into ${folder}`);
  const text = (await licenceFile(folder)) ?? standardText(name, license, author);
  return `${'='.repeat(80)}\n${name} ${version}, ${license}\n${'='.repeat(80)}\n\n${text}\n`;
}

async function licenceFile(folder) {
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
  return file === undefined ? undefined : (await readFile(join(folder, file), 'utf8')).replaceAll('\r', '').trim();
}

/** Of a library that names its licence and has no file with it. */
function standardText(name, license, author) {
  if (license !== 'MIT') throw new Error(`${name} is bundled and has no file with its licence, ${license}`);
  return `Copyright (c) ${typeof author === 'object' ? author.name : (author ?? `the authors of ${name}`)}\n\n${MIT}`;
}

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;
