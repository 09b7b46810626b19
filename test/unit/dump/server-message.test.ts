import { serverMessage } from '../../../services/dump/sessions';

test.each([
  ['invalid input syntax for type integer: "card 4111 1111"', 'invalid input syntax for type integer: "…"'],
  ['value "99999999999" is out of range for type integer', 'value "…" is out of range for type integer'],
  ['malformed array literal: "{secret', 'malformed array literal: "…"'],
  ['relation "orders" already exists\nDETAIL: Key (x)=(secret)', 'relation "orders" already exists'],
])('of what the server said no value of a row is passed on: %s', (message, said) => {
  expect(serverMessage(new Error(message))).toBe(said);
});
