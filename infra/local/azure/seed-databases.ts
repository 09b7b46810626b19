/** The databases of the seeded servers: tables, roles, first rows, and what is written as time goes by. */
export interface SeedDatabase {
  readonly name: string;
  /** Run once by the administrator, before the first backup. */
  readonly schema: string;
  /** Written every so many seconds; `$n` stands for a running number. */
  readonly flow: readonly { readonly everySeconds: number; readonly sql: string }[];
}

export interface SeedContent {
  /** Run once by the administrator in the database `postgres`. */
  readonly roles: string;
  readonly databases: readonly SeedDatabase[];
}

/** A sign of life per second: the row that tells which moment a copy is from. */
export const heartbeatSql = 'insert into heartbeat (at) values (clock_timestamp()) on conflict do nothing';

export const orderSql = `
  insert into orders (customer_id, article, quantity, total_cents, status, placed_at)
  select 1 + $n % 200, (array['desk','lamp','chair','shelf','clock'])[1 + $n % 5], 1 + $n % 3,
         (1 + $n % 3) * (1990 + ($n * 37) % 9000), 'placed', clock_timestamp();
  update orders set status = 'shipped' where id = (select max(id) - 20 from orders)`;

const entrySql = `
  insert into entries (account_id, order_ref, amount_cents, booked_at)
  values (1 + $n % 5, $n, 100 + ($n * 53) % 90000, clock_timestamp())`;

const shop: SeedDatabase = {
  name: 'shop',
  schema: `
    create table customers (id bigserial primary key, name text not null, email text unique, city text,
                            created_at timestamptz not null default now());
    create table orders (id bigserial primary key, customer_id bigint not null references customers, article text not null,
                         quantity int not null, total_cents bigint not null, status text not null,
                         placed_at timestamptz not null);
    create index orders_placed_at on orders (placed_at);
    create table heartbeat (at timestamptz primary key);
    insert into customers (name, email, city)
      select 'Customer ' || n, 'customer' || n || '@shop.example',
             (array['Berlin','Toronto','London','Stockholm'])[1 + n % 4]
      from generate_series(1, 200) n;
    insert into orders (customer_id, article, quantity, total_cents, status, placed_at)
      select 1 + n % 200, (array['desk','lamp','chair','shelf','clock'])[1 + n % 5], 1 + n % 3, 1990 + (n * 37) % 9000,
             'shipped', now() - make_interval(mins => 3000 - n)
      from generate_series(1, 2000) n;
    grant select, insert, update, delete on all tables in schema public to shop_app;
    grant usage on all sequences in schema public to shop_app;
    grant select on customers, orders to shop_report;
    alter default privileges in schema public grant select on tables to shop_report;`,
  flow: [
    { everySeconds: 1, sql: heartbeatSql },
    { everySeconds: 4, sql: orderSql },
  ],
};

const ledger: SeedDatabase = {
  name: 'ledger',
  schema: `
    create table accounts (id bigserial primary key, name text not null, currency text not null);
    create table entries (id bigserial primary key, account_id bigint not null references accounts, order_ref bigint,
                          amount_cents bigint not null, booked_at timestamptz not null);
    insert into accounts (name, currency) select 'account ' || n, 'EUR' from generate_series(1, 5) n;
    insert into entries (account_id, order_ref, amount_cents, booked_at)
      select 1 + n % 5, n, 100 + (n * 53) % 90000, now() - make_interval(mins => 3000 - n)
      from generate_series(1, 1000) n;
    grant select, insert on all tables in schema public to ledger_app;
    grant usage on all sequences in schema public to ledger_app;`,
  flow: [{ everySeconds: 20, sql: entrySql }],
};

const billing: SeedDatabase = {
  name: 'billing',
  schema: `
    create table invoices (id bigserial primary key, customer text not null, total_cents bigint not null,
                           issued_at timestamptz not null);
    create table payments (id bigserial primary key, invoice_id bigint not null references invoices,
                           amount_cents bigint not null, paid_at timestamptz not null);
    create table dunning (invoice_id bigint primary key references invoices, level int not null);
    insert into invoices (customer, total_cents, issued_at)
      select 'Customer ' || n, 5000 + n * 11, now() - make_interval(hours => 800 - n) from generate_series(1, 800) n;
    insert into payments (invoice_id, amount_cents, paid_at)
      select id, total_cents, issued_at + interval '3 days' from invoices where id % 5 <> 0;
    insert into dunning select id, 1 from invoices where id % 25 = 0;
    grant select, insert, update on all tables in schema public to billing_app;
    grant usage on all sequences in schema public to billing_app;`,
  flow: [
    {
      everySeconds: 10,
      sql: `insert into invoices (customer, total_cents, issued_at)
            values ('Customer ' || (1 + $n % 800), 5000 + ($n * 11) % 70000, clock_timestamp())`,
    },
  ],
};

const search: SeedDatabase = {
  name: 'search',
  schema: `
    create table documents (id bigserial primary key, title text not null, body text not null,
                            indexed_at timestamptz not null);
    create index documents_text on documents using gin (to_tsvector('english', body));
    insert into documents (title, body, indexed_at)
      select 'Article ' || n, 'A sturdy piece of furniture, number ' || n, now() from generate_series(1, 300) n;`,
  flow: [
    {
      everySeconds: 30,
      sql: 'update documents set indexed_at = clock_timestamp() where id = 1 + $n % 300',
    },
  ],
};

const catalog: SeedDatabase = {
  name: 'catalog',
  schema: `
    create table catalog (id bigserial primary key, article text not null unique, price_cents bigint not null,
                          changed_at timestamptz not null);
    insert into catalog (article, price_cents, changed_at)
      select 'Article ' || n, 1990 + (n * 37) % 9000, now() - make_interval(hours => 500 - n)
      from generate_series(1, 400) n;
    grant select on catalog to catalog_app;`,
  flow: [
    {
      everySeconds: 60,
      sql: `insert into catalog (article, price_cents, changed_at)
            values ('Late article ' || $n, 2990 + $n, clock_timestamp())`,
    },
  ],
};

const legacyOrders: SeedDatabase = {
  name: 'orders',
  schema: `
    create table orders (id bigserial primary key, article text not null, quantity int not null,
                         placed_at timestamptz not null);
    create table heartbeat (at timestamptz primary key);
    insert into orders (article, quantity, placed_at)
      select (array['desk','lamp','chair','shelf','clock'])[1 + n % 5], 1 + n % 3, now() - make_interval(mins => 800 - n)
      from generate_series(1, 500) n;
    grant select, insert, update on all tables in schema public to legacy_app;
    grant usage on all sequences in schema public to legacy_app;`,
  flow: [
    { everySeconds: 1, sql: heartbeatSql },
    {
      everySeconds: 6,
      sql: `insert into orders (article, quantity, placed_at) values ('lamp', 1 + $n % 3, clock_timestamp())`,
    },
  ],
};

const legacyReports: SeedDatabase = {
  name: 'reports',
  schema: `
    create table reports (id bigserial primary key, title text not null, made_at timestamptz not null);
    insert into reports (title, made_at)
      select 'Report ' || n, now() - make_interval(hours => 300 - n) from generate_series(1, 200) n;
    grant select on reports to legacy_app;`,
  flow: [
    {
      everySeconds: 60,
      sql: `insert into reports (title, made_at) values ('Late report ' || $n, clock_timestamp())`,
    },
  ],
};

const login = (role: string): string => `create role ${role} login password '${role}-local';`;

export const seedContents: Readonly<Record<string, SeedContent>> = {
  'orders-pg': {
    roles: `${login('shop_app')} ${login('ledger_app')} ${login('shop_report')} create role shop_readers nologin;
            grant shop_readers to shop_report;`,
    databases: [shop, ledger],
  },
  'billing-pg': { roles: login('billing_app'), databases: [billing] },
  'catalog-pg': { roles: login('catalog_app'), databases: [catalog] },
  'search-pg': { roles: login('search_app'), databases: [search] },
};

/** Of the single server, which backup vaults protect database by database. */
export const legacyContent: SeedContent = {
  roles: login('legacy_app'),
  databases: [legacyOrders, legacyReports],
};
