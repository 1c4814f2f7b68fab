// The registry of exporters. To add one: a file here with its Exporter, and a line below; the tests of all exporters and the
// menu of the app take it from here.
import { json } from './json.ts';
import { markdown } from './markdown.ts';
import { pcapng } from './pcapng.ts';
import { text } from './text.ts';

export const EXPORTERS = { text, pcapng, markdown, json } as const;
