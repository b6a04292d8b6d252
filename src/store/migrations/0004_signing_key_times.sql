-- When a signing key took its states (contract §5.2), and since when every node lists it; null: it was there from the start.
alter table signing_keys add column published_at bigint;
alter table signing_keys add column current_since bigint;
alter table signing_keys add column current_until bigint;
