\connect :"database"
SET synchronous_commit = 'local';
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public;
GRANT EXECUTE ON FUNCTION public.pg_stat_statements_reset TO admin;
