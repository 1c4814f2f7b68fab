// A fresh page of the shared Chromium for one test. The page keeps what goes wrong in it, so that a test can say `expect no trouble`.
import { chromium } from 'playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { afterAll, afterEach, inject } from 'vitest';

export interface PageOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce' | 'no-preference';
  readonly javaScriptEnabled?: boolean;
  readonly locale?: string;
  readonly touch?: boolean;
  /** Runs in the page before any of its own scripts. An arrow function: a method does not survive the way there. */
  readonly before?: () => void;
}

export interface TestPage {
  readonly page: Page;
  /** Uncaught errors, console errors, failed requests and requests to another host, in order. */
  readonly trouble: readonly string[];
}

let shared: Promise<Browser> | null = null;
const open: Page[] = [];

afterEach(async () => {
  for (const page of open.splice(0)) await page.context().close();
});
afterAll(async () => {
  if (shared !== null) await (await shared).close();
  shared = null;
});

/** The address of the app, with a query, a fragment or a path of yours. */
export const url = (path = ''): string => new URL(path, inject('baseUrl')).href;

/** An isolated page (own storage, own cache). Closed when the test ends. */
export async function newPage({
  viewport = { width: 1280, height: 800 },
  touch = false,
  before,
  ...options
}: PageOptions = {}): Promise<TestPage> {
  shared ??= chromium.connect(inject('browser'));
  const settings: BrowserContextOptions = {
    viewport,
    hasTouch: touch,
    isMobile: touch,
    colorScheme: 'light',
    reducedMotion: 'no-preference',
    ...options,
  };
  const context = await (await shared).newContext(settings);
  if (before !== undefined) await context.addInitScript(before);
  const page = await context.newPage();
  open.push(page);
  return { page, trouble: listen(page) };
}

function listen(page: Page): readonly string[] {
  const trouble: string[] = [];
  const home = new URL(inject('baseUrl')).hostname;
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') trouble.push(`console: ${message.text()}`);
  });
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? 'failed';
    // A page that closes or navigates gives up on its own requests.
    if (why !== 'net::ERR_ABORTED') trouble.push(`request: ${request.url()} ${why}`);
  });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== home && hostname !== '127.0.0.1')
      trouble.push(`third party: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) trouble.push(`${response.status()}: ${response.url()}`);
  });
  return trouble;
}

/** Opens the app and waits for its first content. */
export async function openApp(path = '', options: PageOptions = {}): Promise<TestPage> {
  const opened = await newPage(options);
  await opened.page.goto(url(path));
  await opened.page.locator('#root > *').first().waitFor();
  return opened;
}
