import { readRolesFile } from '../../../services/dump/roles-file';
import {
  judgeRoles,
  type RolesSurroundings,
  type StandingRole,
} from '../../../services/dump/roles-judgement';

const usual = `--
-- PostgreSQL database cluster dump
--

\\restrict LKd6KgKePitFUDOEk3bnv9MK4owL82EEqQzYgS2is4

SET default_transaction_read_only = off;
SET client_encoding = 'UTF8';
CREATE ROLE "odd ""role; x";
ALTER ROLE "odd ""role; x" WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOLOGIN NOREPLICATION NOBYPASSRLS;
CREATE ROLE shop_app;
ALTER ROLE shop_app WITH NOSUPERUSER INHERIT NOCREATEROLE CREATEDB LOGIN NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 5 PASSWORD 'SCRAM-SHA-256$4096:canary' VALID UNTIL '2030-01-01 00:00:00+00';
COMMENT ON ROLE shop_app IS 'it''s; -- not
a comment';
ALTER ROLE shop_app SET search_path TO 'a', 'b "c';
GRANT pg_read_all_stats TO shop_app GRANTED BY adm;
GRANT shop_app TO "odd ""role; x" WITH ADMIN OPTION, INHERIT TRUE, SET FALSE GRANTED BY adm;
\\unrestrict LKd6KgKePitFUDOEk3bnv9MK4owL82EEqQzYgS2is4
`;

const around: RolesSurroundings = { standing: [], login: 'desk', postgresMajor: 16 };
const role = (name: string, more: Partial<StandingRole> = {}): StandingRole => ({
  ...{ name, attributes: [], memberOf: [] },
  ...more,
});
const judge = (text: string, more: Partial<RolesSurroundings> = {}) =>
  judgeRoles(readRolesFile(text), { ...around, ...more });

test('what pg_dumpall writes is understood whole, and no password is kept', () => {
  const file = readRolesFile(usual);
  expect(file.notUnderstood).toEqual([]);
  expect(file.statements.map(({ kind }) => kind)).toEqual([
    ...['create', 'attributes', 'create', 'attributes', 'comment', 'setting', 'member', 'member'],
  ]);
  expect(JSON.stringify(file)).not.toContain('canary');
  const judged = judge(usual);
  expect(judged).toMatchObject({
    kind: 'carry-out',
    make: [
      { name: 'odd "role; x', attributes: ['inherit'] },
      { name: 'shop_app', attributes: ['inherit', 'createdb', 'login'], connectionLimit: 5 },
    ],
    memberships: [
      { of: 'pg_read_all_stats', role: 'shop_app' },
      { of: 'shop_app', role: 'odd "role; x', options: { admin: true, inherit: true, set: false } },
    ],
    settings: [{ values: ['a', 'b "c'] }],
    comments: [{ text: "it's; -- not\na comment" }],
    notes: ['role shop_app is made without its password'],
  });
});

test.each([
  ['DROP ROLE shop_app;', 'line 1: DROP ROLE SHOP_APP'],
  ["SELECT pg_read_file('/etc/passwd');", 'line 1: SELECT PG_READ_FILE'],
  ["CREATE ROLE x;\nALTER ROLE x PASSWORD 'canary';", 'line 2: ALTER ROLE X'],
  ['\\! touch /tmp/here\n', 'line 1: \\!'],
  ['CREATE ROLE x \\! touch here\n;', 'line 1: CREATE ROLE X'],
  ['DO $$ begin end $$;', 'line 1: DO'],
  ['CREATE ROLE x SUPERUSER;', 'line 1: CREATE ROLE X'],
  ["ALTER ROLE x IN DATABASE d SET a TO 'b';", 'line 1: ALTER ROLE X'],
  ['CREATE ROLE x; CREATE /* here */ ROLE y;', 'line 1: CREATE'],
  ["COMMENT ON ROLE x IS E'\\'; drop role y; --';", 'line 1: COMMENT ON ROLE'],
  ['CREATE ROLE x', 'line 1: CREATE ROLE X'],
])('%j is not run, and said', (text, said) => {
  const file = readRolesFile(text);
  expect(file.notUnderstood).toEqual([said]);
  expect(JSON.stringify(file)).not.toContain('canary');
});

test('rights that no roles file may give are left out, with a note each', () => {
  const judged = judge(
    `CREATE ROLE root; ALTER ROLE root WITH SUPERUSER INHERIT CREATEROLE LOGIN REPLICATION BYPASSRLS;
     CREATE ROLE azure_pg_admin; CREATE ROLE pg_mine;`,
  );
  expect(judged).toMatchObject({
    make: [{ name: 'root', attributes: ['inherit', 'login'] }],
    notes: [
      'role azure_pg_admin belongs to the service and is left out',
      'role pg_mine belongs to the service and is left out',
      'role root is made without superuser',
      'role root is made without createrole',
      'role root is made without replication',
      'role root is made without bypassrls',
    ],
  });
});

test('a role that is there is kept, and what it may otherwise is said', () => {
  const standing = [role('shop_app', { attributes: ['login', 'createrole'] })];
  expect(judge('CREATE ROLE shop_app; ALTER ROLE shop_app WITH LOGIN CREATEDB;', { standing })).toMatchObject(
    {
      make: [],
      notes: [
        'role shop_app was there already and is kept, with other rights (it may createrole here only, it may createdb in the file only)',
      ],
    },
  );
});

const standing = [
  role('payroll'),
  role('desk'),
  role('azure_pg_admin'),
  role('old', { memberOf: ['payroll'] }),
];

test.each([
  ['a role that stood before', 'CREATE ROLE x; GRANT payroll TO x;'],
  ['a role of the file that stood before', 'CREATE ROLE payroll; CREATE ROLE x; GRANT payroll TO x;'],
  ['our own login', 'CREATE ROLE x; GRANT desk TO x;'],
  ['our own login, named by the file', 'CREATE ROLE desk; CREATE ROLE x; GRANT desk TO x;'],
  ['a role that is nowhere', 'CREATE ROLE x; GRANT nobody TO x;'],
])('membership in %s stops the file', (_, text) => {
  expect(judge(text, { standing })).toMatchObject({ kind: 'stopped', excesses: [{ role: 'x' }] });
});

test.each(['azure_pg_admin', 'pg_read_server_files'])(
  'membership in %s is never carried over, and stops the file where the source does not give it',
  (group) => {
    const text = `CREATE ROLE x; GRANT ${group} TO x;`;
    expect(judge(text)).toMatchObject({
      kind: 'carry-out',
      memberships: [],
      notes: [`membership of x in ${group} is not carried over; give it by hand`],
    });
    expect(judge(text, { ofSource: [role('x', { memberOf: [group] })] })).toMatchObject({ memberships: [] });
    expect(judge(text, { ofSource: [role('x')] })).toMatchObject({
      kind: 'stopped',
      excesses: [{ role: 'x' }],
    });
  },
);

test('memberships that are there already, or were made by an earlier try, stop nothing', () => {
  expect(judge('CREATE ROLE old; GRANT payroll TO old;', { standing })).toMatchObject({
    kind: 'carry-out',
    memberships: [],
  });
  const made = [role('a', { isOurs: true }), role('b', { isOurs: true })];
  expect(judge('CREATE ROLE a; CREATE ROLE b; GRANT a TO b;', { standing: made })).toMatchObject({
    kind: 'carry-out',
  });
});

describe('where the source could be asked', () => {
  const text = `CREATE ROLE x; ALTER ROLE x WITH LOGIN CREATEROLE; CREATE ROLE y; GRANT y TO x;`;
  test('rights that it has are given', () => {
    const ofSource = [role('x', { attributes: ['login', 'createrole'], memberOf: ['y'] }), role('y')];
    expect(judge(text, { ofSource })).toMatchObject({ make: [{ attributes: ['login', 'createrole'] }, {}] });
  });
  test('more than it has is stopped, and named', () => {
    expect(judge(text, { ofSource: [role('x', { attributes: ['login'] }), role('y')] })).toEqual({
      kind: 'stopped',
      excesses: [
        { role: 'x', excess: 'createrole' },
        { role: 'x', excess: 'membership in y' },
      ],
    });
  });
  test('a role that it has lost may sign in again, and nothing more', () => {
    const lost = 'CREATE ROLE x; ALTER ROLE x WITH LOGIN';
    expect(judge(`${lost};`, { ofSource: [] })).toMatchObject({ kind: 'carry-out' });
    expect(judge(`${lost} CREATEDB;`, { ofSource: [] })).toMatchObject({ kind: 'stopped' });
  });
  test('a membership among administrators that the source gave is left to people', () => {
    const ofSource = [role('x', { memberOf: ['azure_pg_admin'] })];
    expect(judge('CREATE ROLE x; GRANT azure_pg_admin TO x;', { standing, ofSource })).toMatchObject({
      memberships: [],
      notes: ['membership of x in azure_pg_admin is not carried over; give it by hand'],
    });
  });
});

test('an older server gets no membership without the limits that the file puts on it', () => {
  const text = 'CREATE ROLE a; CREATE ROLE b; GRANT a TO b WITH INHERIT TRUE, SET FALSE;';
  expect(judge(text, { postgresMajor: 15 })).toMatchObject({ memberships: [] });
});
