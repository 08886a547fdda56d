-- A standby may not be there yet: waiting for one would hold up the first start.
SET synchronous_commit = 'local';

SELECT format('CREATE ROLE %I', name)
  FROM (VALUES ('admin'), (:'human_role'), ('robot_zmon')) AS wanted (name)
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name)
\gexec

ALTER ROLE admin WITH CREATEDB NOLOGIN NOCREATEROLE NOSUPERUSER NOREPLICATION INHERIT;
ALTER ROLE :"human_role" WITH NOCREATEDB NOLOGIN NOCREATEROLE NOSUPERUSER NOREPLICATION INHERIT;
ALTER ROLE robot_zmon WITH NOCREATEDB NOLOGIN NOCREATEROLE NOSUPERUSER NOREPLICATION INHERIT;
