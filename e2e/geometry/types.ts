// What the geometry checks look for and find. Shared by the page's side and the tests' side.

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface AuditOptions {
  /** Only texts inside of these (CSS selector). Default: the whole page. */
  readonly within?: string;
  /** Texts inside of these are not looked at. */
  readonly except?: string;
  /** Windows on something larger that the reader moves (a canvas that pans): what they cut off is not clipped, it is elsewhere. */
  readonly windows?: string;
  /** Effective CSS pixels. Default 12. */
  readonly minimumFontSize?: number;
}

export interface Finding {
  readonly kind: 'clipped' | 'overlap' | 'small';
  readonly text: string;
  /** Where: a short CSS path of the text's element. */
  readonly at: string;
  readonly detail: string;
  readonly box: Box;
}

export interface Audit {
  /** Texts that were looked at: a test asserts some, so that an empty page cannot pass. */
  readonly texts: number;
  readonly findings: readonly Finding[];
}
