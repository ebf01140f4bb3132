/** Values that are more than their JSON, so that code can be written for them. */

/** A file or folder. */
export class Reference {
  constructor(
    readonly className: 'File' | 'Directory',
    readonly location: string
  ) {}

  toJSON(): unknown {
    return { class: this.className, location: this.location };
  }
}

/** A day of the calendar. */
export class Day {
  constructor(readonly text: string) {}

  toJSON(): unknown {
    return this.text;
  }
}

/** A text that code never shows. */
export class Secret {
  constructor(
    readonly name: string,
    readonly text: string
  ) {}

  toJSON(): unknown {
    return this.text;
  }
}
