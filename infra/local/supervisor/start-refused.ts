/** The start cannot go on, and a person can do something about it: the message is all they need. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
}
