/** What the blob service answers to one bare GET with a token; the CA file is in the environment. */
const [address = '', token = ''] = process.argv.slice(2);

fetch(address, { headers: { authorization: `Bearer ${token}`, 'x-ms-version': '2023-11-03' } }).then(
  ({ status }) => console.log(status),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
