/** What a kind of thing is called. */
export interface Words {
  /** `training job` */
  one: string;
  /** `training jobs` */
  many: string;
}

export const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
