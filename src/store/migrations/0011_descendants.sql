-- The session graph is walked downwards, to show and to end what grew from a node. Only rows that grew from a handoff, or in a
-- browser session, stand in these indexes.
create index sessions_by_parent on sessions (tenant_id, parent_family_id, session_id) where parent_family_id is not null;
create index refresh_token_families_by_parent on refresh_token_families (tenant_id, parent_family_id, family_id) where parent_family_id is not null;
create index refresh_token_families_by_session on refresh_token_families (tenant_id, session_id, family_id) where session_id is not null;
