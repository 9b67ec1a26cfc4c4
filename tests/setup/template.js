// Makes the database `template` of with-cluster.sh: migrated, with the sample
// data and people in it, ready to be copied.
import { psql, Site } from './site.js';
import { load } from './sample.js';

await psql('postgres', 'CREATE DATABASE template OWNER hosogate_owner');
const site = new Site('template', 'template');
await site.configure();
await site.must('migrate', '-c', site.configFile);
await load(site);
site.close();
